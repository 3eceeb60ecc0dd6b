package step

import (
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

// channeling is a host in which a number that is an own factor gets another channel: by one code that came through it. The host
// asks for the factor itself first, because the number's former owner may still hold that channel.
type channeling struct {
	Host
	way acr.Option
}

func (c *channeling) Ways() []acr.Option { return []acr.Option{c.way} }

func (c *channeling) By(r *http.Request, _ acr.Option) string { return c.Host.Page(r).Request }

func (c *channeling) Page(r *http.Request) templates.Page {
	page := c.Host.Page(r)
	page.Step = "channel_code"
	return page
}

func (c *channeling) Dress(r *http.Request, page any) {
	c.Host.Dress(r, page)
	if page, ok := page.(*templates.CodePage); ok {
		page.Reason = "channel"
	}
}

// AskChannel shows the page of the code by which a channel is added. A code is sent now, once, as by [Pages.Ask].
func (p *Pages) AskChannel(w http.ResponseWriter, r *http.Request, h Host, way acr.Option) error {
	c := &channeling{h, way}
	q := enrolled(r, h, way.Method, way.Credential)
	begun, err := p.Factors.Channel(r.Context(), p.Store, q)
	if err != nil {
		return again(w, r, h, err)
	}
	prompt := *begun.Sent
	if !prompt.Waiting && !prompt.ResendAt.After(h.At().Now) {
		var wait *mfa.Wait
		now, err := p.sendAgain(r, h, way)
		switch {
		case errors.As(err, &wait):
			prompt = prompt.Later(wait)
		case err != nil:
			return again(w, r, h, err)
		default:
			prompt = now
		}
	}
	return p.show(w, r, c, way, prompt)
}

// SendChannel sends another code through the channel.
func (p *Pages) SendChannel(w http.ResponseWriter, r *http.Request, h Host, way acr.Option) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	begun, err := p.Factors.Channel(r.Context(), p.Store, enrolled(r, h, way.Method, way.Credential))
	if err != nil {
		return again(w, r, h, err)
	}
	return p.sentAgain(w, r, &channeling{h, way}, way, *begun.Sent)
}

// AnswerChannel adds the channel.
func (p *Pages) AnswerChannel(w http.ResponseWriter, r *http.Request, h Host, way acr.Option) error {
	if _, err := web.Form(w, r); err != nil {
		return err
	}
	var verdict mfa.Verdict
	err := p.Store.Tx(r.Context(), func(db storage.Records) error {
		try := h.Try(r)
		try.Question, try.Form = enrolled(r, h, way.Method, way.Credential), r.PostForm
		var err error
		if verdict, err = p.Factors.AddChannel(r.Context(), db, try); err != nil {
			return err
		}
		if !verdict.OK {
			return p.failed(r, db, h, way.Method, verdict)
		}
		if err := h.Attach(r, db, verdict.Event, h.Event(r, audit.FactorAdded, audit.OK, string(way.Method))); err != nil {
			return err
		}
		return p.tell(r, db, h, "factor_added")
	})
	switch {
	case otherTabWon(err):
		return h.Again(w, r)
	case err != nil:
		return again(w, r, h, err)
	case verdict.OK:
		h.Keep(w, r)
		return h.Land(w, r, Channel)
	}
	begun, err := p.Factors.Channel(r.Context(), p.Store, enrolled(r, h, way.Method, way.Credential))
	if err != nil {
		return again(w, r, h, err)
	}
	page := p.codePage(r, &channeling{h, way}, way, *begun.Sent)
	page.Error = page.Refused()
	return p.Site.Render(w, r, http.StatusUnprocessableEntity, page)
}

// sendAgain sends a code to the number that is being switched on, or gets a channel.
func (p *Pages) sendAgain(r *http.Request, h Host, way acr.Option) (prompt mfa.Prompt, err error) {
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		if prompt, err = p.Factors.SendAgain(r.Context(), db, enrolled(r, h, way.Method, way.Credential)); err != nil {
			return err
		}
		return sent(r, h, way)(db)
	})
	return prompt, err
}

// sentAgain answers a form that wants another code; before is what its page showed.
func (p *Pages) sentAgain(w http.ResponseWriter, r *http.Request, h Asking, way acr.Option, before mfa.Prompt) error {
	_, err := p.sendAgain(r, h, way)
	var wait *mfa.Wait
	if errors.As(err, &wait) {
		page := p.codePage(r, h, way, before.Later(wait))
		page.Error = page.TooSoon()
		w.Header().Set("Retry-After", strconv.Itoa(page.ResendIn))
		return p.Site.Render(w, r, http.StatusTooManyRequests, page)
	}
	if err != nil {
		return again(w, r, h, err)
	}
	return web.Redirect(w, r, h.By(r, way), http.StatusSeeOther)
}
