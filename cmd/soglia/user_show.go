package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/user"
)

// showPerson is "soglia user show".
type showPerson struct {
	whom
	JSON bool `help:"Print JSON."`
}

// personJSON is a person for scripts: no password hash, no secret.
type personJSON struct {
	ID             string         `json:"id"`
	Username       string         `json:"username"`
	CustomerNumber string         `json:"customer_number,omitempty"`
	ExternalID     string         `json:"external_id,omitempty"`
	Groups         []string       `json:"groups"` // of the account and of the YAML
	Roles          []string       `json:"roles"`
	Locale         string         `json:"locale"`
	Locked         bool           `json:"locked"`
	Password       bool           `json:"password"` // has one
	EverySignIn    bool           `json:"every_sign_in"`
	RecoveryCodes  int            `json:"recovery_codes"`         // unused
	Rests          *time.Time     `json:"rests_until,omitempty"`  // codes to contacts open nothing: recovered by the help desk
	Frozen         *time.Time     `json:"frozen_until,omitempty"` // "it was not me": second steps count no more but older factors and another settled contact
	Disowned       *time.Time     `json:"frozen_since,omitempty"` // … the act that was disowned
	Created        *time.Time     `json:"created"`
	Profile        user.Profile   `json:"profile"`
	Contacts       []contactJSON  `json:"contacts"`
	Factors        []factorJSON   `json:"factors"`
	Identities     []identityJSON `json:"identities"`
}

type contactJSON struct {
	Channel  string     `json:"channel"`
	Address  string     `json:"address"`
	Verified *time.Time `json:"verified,omitempty"`
}

type factorJSON struct {
	ID       string     `json:"id"`
	Method   string     `json:"method"`
	Label    string     `json:"label,omitempty"`
	Disabled bool       `json:"disabled,omitempty"` // after too many wrong codes
	LastUsed *time.Time `json:"last_used,omitempty"`
}

type identityJSON struct {
	Provider string     `json:"provider"`
	Subject  string     `json:"subject"`
	Proved   *time.Time `json:"proved,omitempty"`
}

// Run prints the person.
func (c *showPerson) Run(ctx context.Context, s *streams) error { return c.run(ctx, s, c.show) }

func (c *showPerson) show(_ context.Context, f *found, s *streams) error {
	profile, err := user.ParseProfile(f.Person.Profile)
	if err != nil {
		return err
	}
	groups := f.cfg.GroupsOf(f.Canonical, f.Groups)
	p := personJSON{
		ID: f.ID, Username: f.Username, CustomerNumber: f.CustomerNumber, ExternalID: f.ExternalID, Groups: append([]string{}, groups...), Roles: append([]string{}, f.cfg.RolesOf(groups)...), Locale: f.Locale,
		Locked: f.Disabled, Password: f.PasswordHash != "", EverySignIn: f.EverySignIn, RecoveryCodes: f.RecoveryCodes,
		Rests: stamp(f.RestsUntil), Created: stamp(f.Created), Profile: profile, Contacts: []contactJSON{}, Factors: []factorJSON{}, Identities: []identityJSON{},
	}
	now := f.db.Now()
	frozen := "-"
	if session.Frozen(f.Person, now) {
		p.Frozen, p.Disowned = stamp(f.FrozenUntil), stamp(f.FrozenSince)
		frozen = when(f.FrozenUntil) + `, by "it was not me" of ` + when(f.FrozenSince)
	}
	for _, x := range f.Contacts {
		p.Contacts = append(p.Contacts, contactJSON{x.Channel, x.Address, stamp(x.VerifiedAt)})
	}
	for _, x := range f.Factors {
		p.Factors = append(p.Factors, factorJSON{x.ID, x.Method, x.Label, x.Disabled, stamp(x.LastUsed)})
	}
	for _, x := range f.Identities {
		p.Identities = append(p.Identities, identityJSON{x.Provider, x.Subject, stamp(x.ProvedAt)})
	}
	rows := [][]string{
		{"id", p.ID}, {"user name", p.Username}, {"customer number", orDash(p.CustomerNumber)},
		{"external id", orDash(p.ExternalID)}, {"groups", orDash(strings.Join(p.Groups, " "))}, {"roles", orDash(strings.Join(p.Roles, " "))}, {"locked", yesNo(p.Locked)}, {"password", yesNo(p.Password)},
		{"code at every sign-in", yesNo(p.EverySignIn)}, {"recovery codes left", fmt.Sprint(p.RecoveryCodes)},
		{"rests until", when(f.RestsUntil)}, {"frozen until", frozen}, {"created", when(f.Created)},
	}
	if said := string(profile.JSON()); said != "{}" {
		rows = append(rows, []string{"profile", said})
	}
	for _, x := range f.Contacts {
		rows = append(rows, []string{x.Channel, x.Address, "verified " + when(x.VerifiedAt)})
	}
	for _, x := range f.Factors {
		rows = append(rows, []string{"factor", x.Method, x.ID, "last used " + when(x.LastUsed), disabled(x.Disabled)})
	}
	for _, x := range f.Identities {
		rows = append(rows, []string{"login", x.Provider, x.Subject, "proved " + when(x.ProvedAt)})
	}
	return printList(s.out, c.JSON, p, rows)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func disabled(b bool) string {
	if b {
		return "disabled"
	}
	return ""
}
