package account

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

const (
	journalLasts = 90 * 24 * time.Hour // what the page shows
	journalPage  = 30                  // entries on a page
)

// journal are the records that say something to the person they are about. What panels do by themselves (tokens), and what
// stands in another record of the same act (a first step before its session), is left out.
var journal = []string{
	audit.SessionNew, audit.SessionEnd, audit.AuthnFail, audit.MFASent, audit.MFAOK, audit.MFAFail, audit.MFAPaused,
	audit.FactorAdded, audit.FactorRemoved, audit.FactorEvery, audit.RestWaived,
	audit.ContactRequested, audit.ContactDone, audit.ContactNotices, audit.ContactRemoved,
	audit.ContactPrimary, audit.ContactCodes, audit.ContactSettled, audit.ContactReverted,
	audit.ResetRequested, audit.ResetUsed, audit.TokenReuse,
	audit.PersonCreated, audit.PersonInvited, audit.PersonUpdated, audit.PersonDisabled, audit.PersonFrozen, audit.PersonUnfrozen,
	audit.ConsentGiven, audit.ConsentDenied, audit.ConsentRevoked, audit.IDPLink, audit.IDPUnlink,
}

// showActivity is the person's own journal, newest first and paged by the key of a record. Nothing of the address is believed
// but where to begin: whose records they are, the session says.
func (p *Pages) showActivity(w http.ResponseWriter, r *http.Request, v *visit) error {
	q, err := web.Params(r.URL.RawQuery)
	if err != nil {
		return err
	}
	page := storage.JournalPage{PersonID: v.cur.Person.ID, Names: journal, Since: v.now.Add(-journalLasts), Most: journalPage + 1}
	page.At, page.ID = afterRecord(q.Get("after"))
	events, err := p.Store.Journal(r.Context(), page)
	if err != nil {
		return err
	}
	out := &templates.AccountActivity{Page: v.page(r, pathActivity), Zone: v.zone(), Days: int(journalLasts / (24 * time.Hour)), First: page.At.IsZero()}
	if len(events) > journalPage {
		events = events[:journalPage]
		out.Next = recordKey(events[journalPage-1])
	}
	for _, ev := range events {
		out.Entries = append(out.Entries, v.entry(ev))
	}
	return p.Site.Render(w, r, http.StatusOK, out)
}

// entry is a record in words for the person.
func (v *visit) entry(ev *storage.Event) templates.AccountEntry {
	e := templates.AccountEntry{
		What: ev.Name, Reason: ev.Reason, At: ev.At, IP: ev.IP, Browser: session.Agent(ev.UserAgent), Current: ev.SessionID == v.cur.Session.ID,
		Staff: ev.Actor != "" && ev.Actor != ev.PersonID, Key: recordKey(ev),
	}
	switch ev.Name {
	case audit.MFASent, audit.MFAOK, audit.MFAPaused, audit.FactorAdded, audit.FactorRemoved, audit.PersonUnfrozen:
		e.Method = ev.Reason
	}
	if c := v.cfg.Clients[ev.ClientID]; c != nil {
		e.Panel = c.Name
	}
	for _, provider := range v.cfg.Providers {
		if provider.Name == ev.Reason {
			e.Provider = provider.Title
		}
	}
	return e
}

// recordKey names a record in an address, afterRecord reads it; what is none begins at the newest.
func recordKey(ev *storage.Event) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(ev.At.UnixMicro(), 10) + " " + ev.ID))
}

func afterRecord(key string) (time.Time, string) {
	raw, err := base64.RawURLEncoding.DecodeString(key)
	micros, id, ok := strings.Cut(string(raw), " ")
	n, err2 := strconv.ParseInt(micros, 10, 64)
	if err != nil || err2 != nil || !ok || n <= 0 || len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return time.Time{}, ""
	}
	return time.UnixMicro(n).UTC(), id
}
