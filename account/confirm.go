package account

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// purpose keeps codes of the account area apart from those of sign-ins: one is worthless for the other (F06).
const purpose = "account"

// step is a second step asked for an action, with the decision that asks it.
type step struct {
	*visit
	action string // overview, factors, recovery, sessions, remove.<factor id>
	next   acr.Decision
}

// stepPage answers within a step.
type stepPage func(w http.ResponseWriter, r *http.Request, s *step) error

// confirming loads the step of an action. Where nothing is missing (any more), the person lands on the action's page.
func (p *Pages) confirming(answer stepPage) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := p.load(r)
		if err != nil {
			return err
		}
		s := &step{visit: v, action: r.PathValue("action")}
		if v.cur.SignedIn() {
			if err := v.shows(w, r); err != nil {
				return err
			}
			if _, ok := s.target(); !ok {
				return &web.Error{Status: http.StatusNotFound, Code: "not_found"}
			}
		}
		s.next = v.decide(s.wish())
		if s.next.Outcome == acr.Satisfied || s.next.Outcome == acr.AskEnrol && s.action == "factors" {
			return s.back(w, r)
		}
		if s.next.Outcome != acr.AskSecond {
			return v.ask(w, r, s.next, s.action)
		}
		err = answer(w, r, s)
		if r.Method == http.MethodPost && errors.Is(err, mfa.ErrNoFactor) { // it was removed elsewhere while its code arrived
			return onward(w, r, s.base())
		}
		return err
	}
}

func (s *step) wish() wish {
	switch {
	case s.action == "overview":
		return seeing
	case s.action == "recovery":
		return s.handing()
	case strings.HasPrefix(s.action, "remove."):
		return owning
	}
	return changing
}

// target is the page the action is about. Nothing in the URL is used but as a name of something that exists.
func (s *step) target() (string, bool) {
	switch s.action {
	case "overview":
		return pathAccount, true
	case "factors", "recovery":
		return pathFactors, true
	case "sessions":
		return pathSessions, true
	}
	id, ok := strings.CutPrefix(s.action, "remove.")
	if f := s.factor(id); !ok || f == nil {
		return "", false
	}
	return pathFactors + "/" + id + "/remove", true
}

func (s *step) back(w http.ResponseWriter, r *http.Request) error {
	to, _ := s.target()
	return onward(w, r, to)
}

// base is the path under which the step's forms live.
func (s *step) base() string { return pathConfirm + s.action }

// transaction names this step in the rows of codes.
func (s *step) transaction() string { return s.cur.Session.ID + "/" + s.action }

// question names the factor behind a way. The code is bound to this session and this action.
func (s *step) question(r *http.Request, way acr.Option) mfa.Question {
	return mfa.Question{
		Person: s.cur.Person, Method: way.Method, Credential: way.Credential,
		Transaction: s.transaction(), Purpose: purpose, Now: s.now,
		Session: s.cur.Session.ID, Browser: s.Site.Cookies.Browser(r),
		Why: mfa.Why{Lang: web.Lang(r), Browser: session.Agent(r.UserAgent()), IP: web.ClientIP(r).String()},
	}
}

// showConfirm asks for the step. A code that has to be sent is sent now, once.
func (p *Pages) showConfirm(w http.ResponseWriter, r *http.Request, s *step) error {
	way, ok := acr.Choose(s.next.Options, r.URL.Query().Get("way"))
	if !ok {
		return onward(w, r, s.base())
	}
	prompt, err := p.Factors.Ask(r.Context(), p.Store, s.question(r, way), s.sent(r, way))
	if err != nil {
		return err
	}
	out := s.codePage(r, way, prompt)
	out.Unsent = !prompt.Waiting
	return p.Site.Render(w, r, http.StatusOK, out)
}

// sent records that a code was sent.
func (s *step) sent(r *http.Request, way acr.Option) func(storage.Records) error {
	return func(db storage.Records) error {
		return db.Append(r.Context(), s.event(r, audit.MFASent, audit.OK, string(way.Method)))
	}
}

func (s *step) codePage(r *http.Request, way acr.Option, prompt mfa.Prompt) *templates.CodePage {
	out := &templates.CodePage{
		Page: s.page(r, s.base()), Method: string(way.Method), Destination: mfa.Mask(way.Address), Way: way.Way(), Reason: string(s.next.Reason),
	}
	out.Step = "otp"
	if s.next.Reason == acr.ReasonClientFloor {
		out.Reason = "account"
	}
	for _, o := range s.next.Options {
		if o.Way() != way.Way() {
			out.Others = append(out.Others, templates.Way{Value: o.Way(), Method: string(o.Method), Destination: mfa.Mask(o.Address)})
		}
	}
	out.Minutes, out.ResendIn = prompt.Minutes(s.now), prompt.ResendIn(s.now)
	return out
}

// seconds rounds up, so that trying again after that many is never too early.
func seconds(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }

// doCode judges an entered code. It is evidence of the session like any other, and the cookie changes (L01).
func (p *Pages) doCode(w http.ResponseWriter, r *http.Request, s *step) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	way, ok := acr.Choose(s.next.Options, form.Get("way"))
	if !ok {
		return onward(w, r, s.base())
	}
	var (
		cookie  string
		verdict mfa.Verdict
	)
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		var err error
		try := mfa.Try{Question: s.question(r, way), Form: form, Request: "account"}
		if verdict, err = p.Factors.Verify(r.Context(), db, try); err != nil {
			return err
		}
		if !verdict.OK {
			return s.failed(r, db, way.Method, verdict) // committed: a failed try counts
		}
		if way.Method == acr.Recovery { // each use is told, as at a sign-in
			if err := s.Notice(r.Context(), db, s.cur.Person, "recovery_used", client(r), s.now); err != nil {
				return err
			}
		}
		if cookie, err = s.cur.Strengthen(r.Context(), db, s.limits(), verdict.Event, s.now); err != nil {
			return err
		}
		return db.Append(r.Context(), s.event(r, audit.MFAOK, audit.OK, string(way.Method)))
	})
	if errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound) {
		return onward(w, r, s.base()) // another tab was faster
	}
	if err != nil {
		return err
	}
	if verdict.OK {
		p.Site.Cookies.SetSession(w, cookie, s.cur.Session.Expires)
		return s.back(w, r)
	}
	return s.refuse(w, r, way, verdict)
}

// failed records a wrong code, and the pause it may have caused, of which the person is told.
func (v *visit) failed(r *http.Request, db storage.Records, m acr.Method, verdict mfa.Verdict) error {
	rec := v.event(r, audit.MFAFail, audit.Fail, mfa.Reason(verdict.Cause))
	rec.Detail = fmt.Appendf(nil, `{"method":%q}`, m)
	if err := db.Append(r.Context(), rec); err != nil {
		return err
	}
	told := verdict.Notice()
	if told == "" {
		return nil
	}
	if err := db.Append(r.Context(), v.event(r, audit.MFAPaused, audit.Fail, string(m))); err != nil {
		return err
	}
	return v.Notice(r.Context(), db, v.cur.Person, told, client(r), v.now)
}

// refuse shows the same page, 422. Wrong, replayed, paused and disabled read the same.
func (s *step) refuse(w http.ResponseWriter, r *http.Request, way acr.Option, verdict mfa.Verdict) error {
	prompt, err := s.Factors.Prompt(r.Context(), s.Store, s.question(r, way))
	if err != nil {
		return err
	}
	out := s.codePage(r, way, prompt)
	out.Error = templates.WrongCode(errors.Is(verdict.Cause, mfa.ErrExpired))
	return s.Site.Render(w, r, http.StatusUnprocessableEntity, out)
}

// doSend sends another code to the same destination.
func (p *Pages) doSend(w http.ResponseWriter, r *http.Request, s *step) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	way, ok := acr.Choose(s.next.Options, form.Get("way"))
	if !ok {
		return onward(w, r, s.base())
	}
	_, err = p.Factors.Send(r.Context(), p.Store, s.question(r, way), s.sent(r, way))
	var wait *mfa.Wait
	if errors.As(err, &wait) {
		prompt, err := p.Factors.TooSoon(r.Context(), p.Store, s.question(r, way), wait)
		if err != nil {
			return err
		}
		out := s.codePage(r, way, prompt)
		out.Unsent = !prompt.Waiting
		out.Error = templates.TooSoon(out.ResendIn, wait.Limit)
		w.Header().Set("Retry-After", strconv.Itoa(out.ResendIn))
		return p.Site.Render(w, r, http.StatusTooManyRequests, out)
	}
	if err != nil {
		return err
	}
	return onward(w, r, s.base()+"?way="+url.QueryEscape(way.Way()))
}

// doWay goes to another way, out of those the decision offers.
func (p *Pages) doWay(w http.ResponseWriter, r *http.Request, s *step) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	way, ok := acr.Choose(s.next.Options, form.Get("way"))
	if !ok {
		return onward(w, r, s.base())
	}
	return onward(w, r, s.base()+"?way="+url.QueryEscape(way.Way()))
}

// doCancel leaves the step. Who is not inside yet stays outside.
func (p *Pages) doCancel(w http.ResponseWriter, r *http.Request, s *step) error {
	if err := p.Store.DropCodes(r.Context(), s.transaction(), purpose, s.now); err != nil { // the next step need not wait for its code
		return err
	}
	switch {
	case s.action == "overview":
		return onward(w, r, pathDoor)
	case s.wish().own:
		return onward(w, r, pathFactors)
	}
	return s.back(w, r)
}
