package login

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// purposeLogin keeps codes of the sign-in apart from those of other purposes: one is worthless for the other (F06).
const purposeLogin = "login"

// question names the factor behind a way, in this request.
func (f *flow) question(r *http.Request, way acr.Option) mfa.Question {
	lang := web.Lang(r)
	return mfa.Question{
		Person: f.cur.Person, Method: way.Method, Credential: way.Credential,
		Transaction: f.transaction(), Purpose: purposeLogin, Now: f.now,
		Request: f.row.Hash, Browser: f.Site.Cookies.Browser(r),
		Why: mfa.Why{
			Lang: lang, Panel: f.client.Name, Areas: f.areas(lang),
			Browser: agent(r.UserAgent()), IP: web.ClientIP(r).String(),
		},
	}
}

// sent records that a code was sent.
func (f *flow) sent(r *http.Request, way acr.Option) func(storage.Records) error {
	return func(db storage.Records) error {
		return db.Append(r.Context(), f.event(r, audit.MFASent, "ok", string(way.Method)))
	}
}

// doCode judges an entered code.
func (p *Pages) doCode(w http.ResponseWriter, r *http.Request, f *flow) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	way, ok := f.chosen(form.Get("way"))
	if !ok { // a form of an earlier step, or of another person
		return f.onward(w, r)
	}
	var (
		a       attached
		verdict mfa.Verdict
	)
	err = p.tx(r.Context(), func(db storage.Records) error {
		var err error
		try := mfa.Try{Question: f.question(r, way), Form: form, Request: f.asked.ID, Hits: f.knownDevice(r)}
		if verdict, err = p.Factors.Verify(r.Context(), db, try); err != nil {
			return err
		}
		if !verdict.OK {
			return f.failed(r, db, way.Method, verdict) // committed: a failed try counts
		}
		if way.Method == acr.Recovery { // each use is told
			if err := f.Notice(r.Context(), db, f.cur.Person, "recovery_used", client(r), f.now); err != nil {
				return err
			}
		}
		if first, err := f.provesHeld(r, db); first || err != nil {
			return err
		}
		a, err = f.proved(r, db, verdict, f.passed(r, way.Method))
		return err
	})
	if errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound) {
		return f.onward(w, r) // another tab was faster
	}
	if err != nil {
		return err
	}
	if !verdict.OK {
		return f.refuseCode(w, r, way, verdict)
	}
	f.keep(w, a)
	if form.Get("then") == "enrol" {
		return web.Redirect(w, r, f.base()+"?then=enrol", http.StatusSeeOther)
	}
	return f.forward(w, r, a)
}

// provesHeld reports whether the code that was just right showed a newcomer to read the mailbox of another account. The
// code is used, and the sign-in waits for a choice.
func (f *flow) provesHeld(r *http.Request, db storage.Records) (bool, error) {
	if f.apart || !f.newcomer() {
		return false, nil
	}
	person, err := db.Person(r.Context(), f.cur.Person.ID) // with the contact that the code verified
	if err != nil {
		return false, err
	}
	first, err := f.connectsFirst(r.Context(), db, person)
	if !first || err != nil {
		return false, err
	}
	return true, f.interacted(r, db)
}

// proved attaches a second step and notes that a form was posted.
func (f *flow) proved(r *http.Request, db storage.Records, v mfa.Verdict, records ...*storage.Event) (attached, error) {
	a, err := f.attach(r, db, f.cur.Person, v.Event)
	if err != nil {
		return attached{}, err
	}
	connected, err := f.connectProved(r, db, v.Event)
	if err != nil {
		return attached{}, err
	}
	a.proved = a.proved || connected
	if err := f.interacted(r, db); err != nil {
		return attached{}, err
	}
	return a, f.attest(r, db, a, f.count, records...)
}

// passed is the record of a second step that was right, with the level it was taken for.
func (f *flow) passed(r *http.Request, m acr.Method) *storage.Event {
	rec := f.event(r, audit.MFAOK, "ok", string(m))
	rec.Detail = fmt.Appendf(nil, `{"acr":%q}`, f.next.Target)
	return rec
}

// failed records a wrong code, and the pause it may have caused, of which the person is told.
func (f *flow) failed(r *http.Request, db storage.Records, m acr.Method, v mfa.Verdict) error {
	rec := f.event(r, audit.MFAFail, "fail", mfa.Reason(v.Cause))
	rec.Detail = fmt.Appendf(nil, `{"method":%q,"acr":%q}`, m, f.next.Target)
	if err := db.Append(r.Context(), rec); err != nil {
		return err
	}
	told := v.Notice()
	if told == "" {
		return nil
	}
	if err := db.Append(r.Context(), f.event(r, audit.MFAPaused, "fail", string(m))); err != nil {
		return err
	}
	return f.Notice(r.Context(), db, f.cur.Person, told, client(r), f.now)
}

// refuseCode shows the same page, 422. Wrong, replayed, paused and disabled read the same: nobody may learn that a
// refused code was right.
func (f *flow) refuseCode(w http.ResponseWriter, r *http.Request, way acr.Option, v mfa.Verdict) error {
	prompt, err := f.Factors.Prompt(r.Context(), f.Store, f.question(r, way))
	if err != nil {
		return err
	}
	page := f.codePage(r, way, prompt)
	page.Error = templates.WrongCode(errors.Is(v.Cause, mfa.ErrExpired))
	return f.Site.Render(w, r, http.StatusUnprocessableEntity, page)
}

// doSend sends another code to the same destination.
func (p *Pages) doSend(w http.ResponseWriter, r *http.Request, f *flow) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	way, ok := f.chosen(form.Get("way"))
	if !ok { // a form of an earlier step, or of another person
		return f.onward(w, r)
	}
	_, err = p.Factors.Send(r.Context(), p.Store, f.question(r, way), f.sent(r, way))
	var wait *mfa.Wait
	if errors.As(err, &wait) {
		return f.tooSoon(w, r, way, wait)
	}
	if err != nil {
		return err
	}
	return f.by(w, r, way)
}

// tooSoon is the page of a code asked for again too early, 429.
func (f *flow) tooSoon(w http.ResponseWriter, r *http.Request, way acr.Option, wait *mfa.Wait) error {
	prompt, err := f.Factors.TooSoon(r.Context(), f.Store, f.question(r, way), wait)
	if err != nil {
		return err
	}
	page := f.codePage(r, way, prompt)
	page.Unsent = !prompt.Waiting
	page.Error = templates.TooSoon(page.ResendIn, wait.Limit)
	w.Header().Set("Retry-After", itoa(page.ResendIn))
	return f.Site.Render(w, r, http.StatusTooManyRequests, page)
}

// doWay goes to another way, out of those the decision offers.
func (p *Pages) doWay(w http.ResponseWriter, r *http.Request, f *flow) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	way, ok := f.chosen(form.Get("way"))
	if !ok { // a form of an earlier step, or of another person
		return f.onward(w, r)
	}
	return f.by(w, r, way)
}

func itoa(n int) string { return strconv.Itoa(n) }
