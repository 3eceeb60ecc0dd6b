package account

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// purpose keeps codes of the account area apart from those of sign-ins: one is worthless for the other (F06).
const purpose = "account"

// confirmation is an action that needs a second step (package step), with the decision that asks it.
type confirmation struct {
	host
	// overview, profile, edit, logins, factors, recovery, every, contacts, email, number, notices, sessions, remove.<factor id>, swap.<factor id>,
	// channel.<factor id>, contact.<contact id>, besides.<contact id>, settle.<contact id>
	action string
	next   acr.Decision
}

// confirming loads the confirmation of an action. Where nothing is missing (any more), the person lands on its page.
func (p *Pages) confirming(answer func(w http.ResponseWriter, r *http.Request, c *confirmation) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := p.load(r)
		if err != nil {
			return err
		}
		c := &confirmation{host: host{visit: v}, action: r.PathValue("action")}
		if v.cur.SignedIn() {
			if err := v.shows(w, r); err != nil {
				return err
			}
			if _, ok := c.target(); !ok {
				return &web.Error{Status: http.StatusNotFound, Code: "not_found"}
			}
			if old := c.factor(c.swapped()); old != nil {
				if ok, err := v.swappable(r, old); !ok || len(v.addable()) == 0 {
					return orFactors(w, r, err)
				}
			}
		}
		c.next = v.decide(c.wish())
		if c.next.Outcome == acr.Satisfied || c.next.Outcome == acr.AskEnrol && c.action == "factors" {
			return c.back(w, r)
		}
		if c.next.Outcome != acr.AskSecond {
			return v.ask(w, r, c.next, c.action)
		}
		err = answer(w, r, c)
		if r.Method == http.MethodPost && errors.Is(err, mfa.ErrNoFactor) { // it was removed elsewhere while its code arrived
			return onward(w, r, c.base())
		}
		return err
	}
}

func (c *confirmation) wish() wish {
	switch {
	case c.action == "overview":
		return seeing
	case c.action == "profile", c.action == "edit", strings.HasPrefix(c.action, "contact."):
		return reading
	case strings.HasPrefix(c.action, "besides."):
		return besides(strings.TrimPrefix(c.action, "besides."))
	case strings.HasPrefix(c.action, "settle."):
		return settling(strings.TrimPrefix(c.action, "settle."))
	case c.action == "recovery":
		return c.handing()
	case c.action == "every":
		return choosing
	case strings.HasPrefix(c.action, "remove."):
		return c.removing(strings.TrimPrefix(c.action, "remove."))
	case strings.HasPrefix(c.action, "channel."):
		return owning
	case c.swapped() != "":
		return swapping(c.swapped())
	}
	return changing
}

// swapped is the id of the factor that a swap takes away; "" = the action is none.
func (c *confirmation) swapped() string {
	id, _ := strings.CutPrefix(c.action, "swap.")
	if id == c.action {
		return ""
	}
	return id
}

// target is the page the action is about. Nothing in the URL is used but as a name of something that exists.
func (c *confirmation) target() (string, bool) {
	switch c.action {
	case "overview":
		return pathAccount, true
	case "profile", "notices":
		return pathProfile, true
	case "factors":
		return pathNew, true
	case "number":
		return pathNumber, true
	case "email":
		return pathEmail, true
	case "contacts":
		return pathContacts + "/new", true
	case "recovery", "every":
		return pathFactors, true
	case "sessions":
		return pathSessions, true
	case "edit":
		return pathProfile + "/edit", true
	case "logins":
		return pathLogins, true
	}
	verb, id, _ := strings.Cut(c.action, ".")
	if verb == "contact" || verb == "besides" || verb == "settle" {
		return pathContacts + "/" + id, c.contact(id) != nil
	}
	if c.factor(id) == nil || verb != "remove" && verb != "swap" && verb != "channel" {
		return "", false
	}
	return pathFactors + "/" + id + "/" + verb, true
}

func (c *confirmation) back(w http.ResponseWriter, r *http.Request) error {
	to, _ := c.target()
	return onward(w, r, to)
}

// base is the path under which the step's forms live.
func (c *confirmation) base() string { return pathConfirm + c.action }

// transaction names this step in the rows of codes.
func (c *confirmation) transaction() string { return c.cur.Session.ID + "/" + c.action }

// asks answers a form about the step.
func asks(do func(http.ResponseWriter, *http.Request, step.Asking) error) func(http.ResponseWriter, *http.Request, *confirmation) error {
	return func(w http.ResponseWriter, r *http.Request, c *confirmation) error { return do(w, r, c) }
}

// showConfirm asks for the step.
func (p *Pages) showConfirm(w http.ResponseWriter, r *http.Request, c *confirmation) error {
	way, ok := acr.Choose(c.Ways(), r.URL.Query().Get("way"))
	if !ok {
		return c.Again(w, r)
	}
	return p.second.Ask(w, r, c, way)
}

// Try binds the code to this session and this action.
func (c *confirmation) Try(r *http.Request) mfa.Try {
	t := c.host.Try(r)
	t.Transaction, t.Purpose = c.transaction(), purpose
	if c.swapped() != "" {
		t.Request = c.wish().act
	}
	return t
}

func (c *confirmation) Page(r *http.Request) templates.Page { return c.page(r, c.base()) }

func (c *confirmation) Dress(_ *http.Request, page any) {
	if page, ok := page.(*templates.CodePage); ok {
		page.Reason = string(c.next.Reason)
		if c.next.Reason == acr.ReasonClientFloor {
			page.Reason = "account"
		}
		if page.Reason == "account" && (c.action == "profile" || c.action == "edit") {
			page.Reason = "profile"
		}
		switch add := c.addable(); {
		case c.swapped() != "":
			page.Removes, page.Keep, page.Reason = c.factor(c.swapped()).Method, pathNew, ""
		case c.action == "factors" && len(add) == 1:
			page.Wanted = string(add[0])
		case c.action == "factors" && len(add) > 1:
			page.Wanted = "code" // in general words
		}
	}
}

func (c *confirmation) Ways() []acr.Option { return step.InOrder(c.cur.Person, c.next.Options) }

func (c *confirmation) By(_ *http.Request, way acr.Option) string {
	return c.base() + "?way=" + url.QueryEscape(way.Way())
}

func (c *confirmation) Land(w http.ResponseWriter, r *http.Request, _ step.Done) error {
	return c.back(w, r)
}

func (c *confirmation) Again(w http.ResponseWriter, r *http.Request) error {
	return onward(w, r, c.base())
}

// doCancel leaves the step. Who is not inside yet stays outside.
func (p *Pages) doCancel(w http.ResponseWriter, r *http.Request, c *confirmation) error {
	if err := p.Store.DropCodes(r.Context(), c.transaction(), purpose, c.now); err != nil { // the next step need not wait for its code
		return err
	}
	switch {
	case c.action == "overview":
		return onward(w, r, pathDoor)
	case c.wish().ownFactor, c.action == "factors":
		return onward(w, r, pathFactors)
	case c.action == "number", c.action == "email", c.action == "contacts", strings.HasPrefix(c.action, "contact."):
		return onward(w, r, pathAccount)
	}
	return c.back(w, r)
}
