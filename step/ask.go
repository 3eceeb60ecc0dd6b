package step

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// Asking is a host that needs an answer.
type Asking interface {
	Host
	// Ways are those that the decision offers and mfa can ask for.
	Ways() []acr.Option
	// By is the path of the page that asks by one of them.
	By(r *http.Request, way acr.Option) string
}

// question names the factor behind a way.
func question(r *http.Request, h Asking, way acr.Option) mfa.Question {
	q := h.Try(r).Question
	q.Method, q.Credential = way.Method, way.Credential
	return q
}

// Ask shows the page that asks by one way. A code that has to be sent is sent now, once: the rules of sending again hold
// for reloads and other tabs as well.
func (p *Pages) Ask(w http.ResponseWriter, r *http.Request, h Asking, way acr.Option) error {
	prompt, err := p.Factors.Ask(r.Context(), p.Store, question(r, h, way), sent(r, h, way))
	if err != nil {
		return err
	}
	return p.show(w, r, h, way, prompt)
}

// Await shows the page of a code that was sent before.
func (p *Pages) Await(w http.ResponseWriter, r *http.Request, h Asking, way acr.Option) error {
	prompt, err := p.Factors.Prompt(r.Context(), p.Store, question(r, h, way))
	if err != nil {
		return err
	}
	return p.show(w, r, h, way, prompt)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, h Asking, way acr.Option, prompt mfa.Prompt) error {
	return p.Site.Render(w, r, http.StatusOK, p.codePage(r, h, way, prompt))
}

// sent records that a code was sent.
func sent(r *http.Request, h Host, way acr.Option) func(storage.Records) error {
	return func(db storage.Records) error {
		rec := h.Event(r, audit.MFASent, audit.OK, string(way.Method))
		rec.Detail = h.At().asked("")
		return db.Append(r.Context(), rec)
	}
}

// codePage is the page of a way, as far as every host has it.
func (p *Pages) codePage(r *http.Request, h Asking, way acr.Option, prompt mfa.Prompt) *templates.CodePage {
	at, facts := h.At(), way.Method.Facts()
	page := &templates.CodePage{
		Page: h.Page(r), Method: string(way.Method), Icon: facts.Icon, Sent: facts.Contact != "", Digits: facts.Digits,
		Destination: mfa.Mask(way.Address), Way: way.Way(), Minutes: prompt.Minutes(at.Now), ResendIn: prompt.ResendIn(at.Now),
	}
	page.Capped, page.Held = prompt.Capped, prompt.Held
	switch {
	case prompt.Waiting:
	case prompt.Capped: // whatever became of the last one
		page.Gone = templates.TooSoon(true)
		if prompt.Held {
			page.Gone = templates.Held
		}
	default:
		page.Gone = "code_gone." + string(prompt.Gone)
	}
	for _, o := range h.Ways() {
		if o.Way() != way.Way() {
			page.Others = append(page.Others, templates.Way{Value: o.Way(), Method: string(o.Method), Destination: mfa.Mask(o.Address)})
		}
	}
	p.dressDelivery(page, h, way, prompt)
	h.Dress(r, page)
	return page
}

// chosen reads which way a form is about. It answers by itself, and returns false, when that is (no longer) one of them: a
// form of an earlier step, or of another person.
func chosen(w http.ResponseWriter, r *http.Request, h Asking) (way acr.Option, ok bool, err error) {
	form, err := web.Form(w, r)
	if err != nil {
		return way, false, err
	}
	if way, ok = acr.Choose(h.Ways(), form.Get("way")); !ok {
		return way, false, h.Again(w, r)
	}
	return way, true, nil
}

// Choose goes to another way.
func (p *Pages) Choose(w http.ResponseWriter, r *http.Request, h Asking) error {
	way, ok, err := chosen(w, r, h)
	if !ok {
		return err
	}
	return web.Redirect(w, r, h.By(r, way), http.StatusSeeOther)
}

// Send sends another code to the same destination.
func (p *Pages) Send(w http.ResponseWriter, r *http.Request, h Asking) error {
	way, ok, err := chosen(w, r, h)
	if !ok {
		return err
	}
	err = p.Store.Tx(r.Context(), func(db storage.Records) error { return p.SendIn(r, db, h, way) })
	var wait *mfa.Wait
	if errors.As(err, &wait) {
		return p.tooSoon(w, r, h, way, wait)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, h.By(r, way), http.StatusSeeOther)
}

// SendIn sends a code in the transaction of an act. *mfa.Wait when it is too soon.
func (p *Pages) SendIn(r *http.Request, db storage.Records, h Asking, way acr.Option) error {
	if _, err := p.Factors.Challenge(r.Context(), db, question(r, h, way)); err != nil {
		return err
	}
	return sent(r, h, way)(db)
}

// tooSoon is the page of a code asked for again too early, 429.
func (p *Pages) tooSoon(w http.ResponseWriter, r *http.Request, h Asking, way acr.Option, wait *mfa.Wait) error {
	prompt, err := p.Factors.TooSoon(r.Context(), p.Store, question(r, h, way), wait)
	if err != nil {
		return err
	}
	page := p.codePage(r, h, way, prompt)
	page.Error = page.TooSoon()
	w.Header().Set("Retry-After", strconv.Itoa(page.ResendIn))
	return p.Site.Render(w, r, http.StatusTooManyRequests, page)
}

// Answer judges what was entered.
func (p *Pages) Answer(w http.ResponseWriter, r *http.Request, h Asking) error {
	way, ok, err := chosen(w, r, h)
	if !ok {
		return err
	}
	var verdict mfa.Verdict
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		try := h.Try(r)
		try.Question, try.Form = question(r, h, way), r.PostForm
		var err error
		if verdict, err = p.Factors.Verify(r.Context(), db, try); err != nil {
			return err
		}
		if !verdict.OK {
			return p.failed(r, db, h, way.Method, verdict) // committed: a failed try counts
		}
		if way.Method == acr.Recovery { // each use is told
			if err := p.tell(r, db, h, "recovery_used"); err != nil {
				return err
			}
		}
		if err := remember(r.Context(), db, h, way); err != nil {
			return err
		}
		return h.Attach(r, db, verdict.Event, passed(r, h, way.Method))
	})
	if otherTabWon(err) {
		return h.Again(w, r)
	}
	if err != nil {
		return err
	}
	if !verdict.OK {
		return p.refuse(w, r, h, way)
	}
	h.Keep(w, r)
	return h.Land(w, r, Proved)
}

// otherTabWon reports whether the act was done in another tab meanwhile. Then nothing is kept, not even the proof.
func otherTabWon(err error) bool {
	return errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound)
}

// asked is the detail of a record: the level that a step is asked for, the rule that asks, and the method where the reason of the
// record is another. nil = there is nothing to say.
func (a At) asked(m acr.Method) []byte {
	said := struct {
		Method  acr.Method `json:"method,omitempty"`
		Acr     string     `json:"acr,omitempty"`
		Because acr.Reason `json:"because,omitempty"`
	}{m, a.Target, a.Because}
	if said.Method == "" && said.Acr == "" && said.Because == "" {
		return nil
	}
	out, err := json.Marshal(said)
	if err != nil { // three strings
		return nil
	}
	return out
}

// passed is the record of a step that was given, with what it was taken for.
func passed(r *http.Request, h Host, m acr.Method) *storage.Event {
	rec := h.Event(r, audit.MFAOK, audit.OK, string(m))
	rec.Detail = h.At().asked("")
	return rec
}

// failed records a wrong answer, and the pause it may have caused, of which the person is told.
func (p *Pages) failed(r *http.Request, db storage.Records, h Host, m acr.Method, v mfa.Verdict) error {
	rec := h.Event(r, audit.MFAFail, audit.Fail, mfa.Reason(v.Cause))
	rec.Detail = h.At().asked(m)
	if err := db.Append(r.Context(), rec); err != nil {
		return err
	}
	if !v.DisabledNow && v.PausedUntil.IsZero() {
		return nil
	}
	if err := db.Append(r.Context(), h.Event(r, audit.MFAPaused, audit.Fail, string(m))); err != nil {
		return err
	}
	if v.DisabledNow {
		return p.tell(r, db, h, "factor_off")
	}
	at := h.At()
	return p.Paused(r.Context(), db, at.Current.Person, v.PausedUntil, Client(r), at.Now)
}

// refuse shows the page as it is now, 422: where a code can still be right it says that this one was not, and else why none
// can. The verdict has no word in it: wrong, replayed, paused and disabled read the same, because nobody may learn that a
// refused code was right.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, h Asking, way acr.Option) error {
	prompt, err := p.Factors.Prompt(r.Context(), p.Store, question(r, h, way))
	if err != nil {
		return err
	}
	page := p.codePage(r, h, way, prompt)
	page.Error = page.Refused()
	return p.Site.Render(w, r, http.StatusUnprocessableEntity, page)
}
