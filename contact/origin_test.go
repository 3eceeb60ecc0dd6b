package contact

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

// What a change stands on: the owner's two witnesses against the thief's one.
func TestG09WhatAChangeStandsOn(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	cfg := &config.Config{Policy: &acr.Policy{Cooling: 24 * time.Hour}, Contacts: config.Contacts{Cooling: 24 * time.Hour, Revert: 72 * time.Hour}}
	old := ago(1000 * time.Hour)
	contacts := []*storage.Contact{
		{ID: "x", Channel: "email", Canonical: "x@x.test", VerifiedAt: old, Created: old},
		{ID: "x+", Channel: "email", Canonical: "x+2@x.test", VerifiedAt: old, Created: old},
		{ID: "y", Channel: "email", Canonical: "y@y.test", VerifiedAt: old, Created: old},
		{ID: "z", Channel: "email", Canonical: "z@z.test", VerifiedAt: old, Created: ago(30 * time.Hour), ProvedBy: "x@x.test"},
		{ID: "was z", Channel: "email", Canonical: "w@w.test", VerifiedAt: old, Created: ago(80 * time.Hour), ProvedBy: "x@x.test"},
		{ID: "new", Channel: "email", Canonical: "n@n.test", VerifiedAt: now, Created: ago(time.Hour), RestsUntil: now.Add(23 * time.Hour), ProvedBy: "y@y.test"},
	}
	factors := []*storage.Factor{
		{ID: "app", Method: "totp", Created: old}, {ID: "young", Method: "totp", Created: ago(2 * time.Hour)},
		{ID: "rests", Method: "totp", Created: old, RestsUntil: now.Add(time.Hour)}, {ID: "off", Method: "totp", Created: old, Disabled: true},
	}
	pwd := acr.Event{Method: acr.Password, At: ago(time.Minute)}
	code := func(id string) acr.Event {
		for _, c := range contacts {
			if c.ID == id {
				return acr.Event{Method: acr.Email, Credential: id, Address: c.Canonical, At: ago(time.Minute)}
			}
		}
		return acr.Event{Method: acr.TOTP, Credential: id, Own: true, At: ago(time.Minute)}
	}
	at := func(e acr.Event, t time.Time) acr.Event { e.At = t; return e }
	for name, c := range map[string]struct {
		events []acr.Event
		want   string
	}{
		"a first step only":                                {[]acr.Event{pwd}, Rested},
		"one mailbox":                                      {[]acr.Event{pwd, code("x")}, "x@x.test"},
		"the same one by two names":                        {[]acr.Event{pwd, code("x"), code("x+")}, "x@x.test"},
		"two mailboxes":                                    {[]acr.Event{pwd, code("x"), code("y")}, ""},
		"a mailbox, and one that came on its word":         {[]acr.Event{pwd, code("x"), code("z")}, "x@x.test"},
		"one that came on the word of another":             {[]acr.Event{pwd, code("z")}, "x@x.test"},
		"the same, and that can be taken back no more":     {[]acr.Event{pwd, code("was z")}, "w@w.test"},
		"one that rests":                                   {[]acr.Event{pwd, code("new")}, Rested},
		"one that rests, and one that does not":            {[]acr.Event{pwd, code("new"), code("x")}, "x@x.test"},
		"an app that was there":                            {[]acr.Event{pwd, code("app")}, ""},
		"an app that was there, and a mailbox":             {[]acr.Event{pwd, code("x"), code("app")}, ""},
		"an app of two hours":                              {[]acr.Event{pwd, code("young")}, Rested},
		"an app of two hours, switched on by that mailbox": {[]acr.Event{pwd, code("x"), code("young")}, "x@x.test"},
		"an app that rests":                                {[]acr.Event{pwd, code("rests")}, Rested},
		"an app that takes no codes any more":              {[]acr.Event{pwd, code("off")}, Rested},
		"a mailbox an hour ago, another one now":           {[]acr.Event{pwd, at(code("x"), ago(time.Hour)), code("y")}, "y@y.test"},
		"an app, before second steps were void":            {[]acr.Event{pwd, at(code("app"), ago(10*time.Minute)), code("y")}, "y@y.test"},
		"reserve codes that were there":                    {[]acr.Event{pwd, {Method: acr.Recovery, At: ago(time.Minute)}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := &storage.Person{ID: "p", Contacts: contacts, Factors: factors, RecoveryMade: old, RecoveryCodes: 3, SecondSince: ago(9 * time.Minute)}
			if got := Origin(cfg, p, c.events, now); got != c.want {
				t.Errorf("stands on %q, want %q", got, c.want)
			}
		})
	}
	for name, c := range map[string]struct {
		by, fresh string
		want      bool
	}{
		"the one that paid": {"y", "new", false}, "another one": {"x", "new", true}, "itself": {"new", "new", false},
	} {
		if got := Settles(cfg, contactByID(contacts, c.by), contactByID(contacts, c.fresh), now); got != c.want {
			t.Errorf("%s settles it: %v, want %v", name, got, c.want)
		}
	}
}

func contactByID(list []*storage.Contact, id string) *storage.Contact {
	for _, c := range list {
		if c.ID == id {
			return c
		}
	}
	return nil
}
