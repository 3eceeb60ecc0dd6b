package account

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// showSessions lists where the person is signed in, this browser first.
func (p *Pages) showSessions(w http.ResponseWriter, r *http.Request, v *visit) error {
	sessions, err := p.Store.SessionsOf(r.Context(), v.cur.Person.ID, v.now)
	if err != nil {
		return err
	}
	out := &templates.AccountSessions{Page: v.page(r, pathSessions), Zone: v.zone(), Done: done(r) == "ended"}
	for _, s := range sessions {
		var events []acr.Event
		if err := json.Unmarshal(s.Events, &events); err != nil {
			return err
		}
		row := templates.AccountSession{
			ID: s.ID, Current: s.ID == v.cur.Session.ID, Browser: session.Agent(s.UserAgent), IP: s.IP,
			Created: s.Created, LastSeen: s.LastSeen, Methods: methods(events),
		}
		if row.Current {
			out.Sessions = slices.Insert(out.Sessions, 0, row)
			continue
		}
		out.Sessions = append(out.Sessions, row)
	}
	told, err := p.Store.Logouts(r.Context(), v.cur.Person.ID, 20)
	if err != nil {
		return err
	}
	out.Told = toldOf(told, v.cfg)
	return p.Site.Render(w, r, http.StatusOK, out)
}

// toldOf says of each panel what became of the last word to it. One that the configuration no longer has is nobody's panel.
func toldOf(told []*storage.Logout, cfg *config.Config) (list []templates.AccountTold) {
	seen := map[string]bool{}
	for _, l := range told { // newest first
		client := cfg.Clients[l.ClientID]
		if client == nil || seen[l.ClientID] {
			continue
		}
		seen[l.ClientID] = true
		row := templates.AccountTold{Panel: client.Name, State: l.State, At: l.At}
		switch {
		case client.FrontchannelLogoutURI != "": // what its frame did, nobody knows
			row.State = "browser"
		case client.BackchannelLogoutURI == "":
			row.State = "nobody"
		}
		list = append(list, row)
	}
	return list
}

// methods are the ways by which a session was proved, each once, in the order they came.
func methods(events []acr.Event) []string {
	var out []string
	for _, e := range events {
		if !slices.Contains(out, string(e.Method)) {
			out = append(out, string(e.Method))
		}
	}
	return out
}

// doEnd ends one of the other sessions (D13).
func (p *Pages) doEnd(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	id := form.Get("session")
	sessions, err := p.Store.SessionsOf(r.Context(), v.cur.Person.ID, v.now)
	if err != nil {
		return err
	}
	// Only what is on the person's own list: an id of somebody else's session is as unknown as any other (T06).
	if !slices.ContainsFunc(sessions, func(s *storage.Session) bool { return s.ID == id }) || id == v.cur.Session.ID {
		return onward(w, r, pathSessions)
	}
	return v.ending(w, r, func(db storage.Records) error {
		_, err := session.End(r.Context(), db, id, v.event(r, audit.SessionEnd, audit.OK, "ended_by_person"))
		if err != nil && !errors.Is(err, storage.ErrUsed) { // used: another tab was faster
			return err
		}
		return db.DropRemembers(r.Context(), v.cur.Person.ID) // see session.EndOthers
	})
}

// doEndOthers ends all sessions but this one.
func (p *Pages) doEndOthers(w http.ResponseWriter, r *http.Request, v *visit) error {
	return v.ending(w, r, func(db storage.Records) error {
		_, err := session.EndOthers(r.Context(), db, v.cur.Session.ID, v.event(r, audit.SessionEnd, audit.OK, "ended_others"))
		return err
	})
}

// ending runs an end of sessions behind a fresh second step.
func (v *visit) ending(w http.ResponseWriter, r *http.Request, end func(storage.Records) error) error {
	if d := v.decide(changing); d.Outcome != acr.Satisfied {
		return v.ask(w, r, d, "sessions")
	}
	if err := v.Store.Tx(r.Context(), end); err != nil {
		return err
	}
	v.clearRemembered(w, r)
	return onward(w, r, pathSessions+"?done=ended")
}

// doEverywhere signs out of all browsers, this one too, with every panel's access. It asks for no fresh step: a thief would
// only lose access by it, and the owner must be able to do it in a hurry.
func (p *Pages) doEverywhere(w http.ResponseWriter, r *http.Request, v *visit) error {
	var told []storage.ClientSession
	err := p.Store.Tx(r.Context(), func(db storage.Records) (err error) {
		told, err = session.EndOthers(r.Context(), db, "", v.event(r, audit.SessionEnd, audit.OK, "everywhere"))
		return err
	})
	if err != nil {
		return err
	}
	p.Site.Cookies.ClearSession(w)
	v.clearRemembered(w, r)
	return onward(w, r, p.SignedOut(v.cur.Session.ID, told))
}
