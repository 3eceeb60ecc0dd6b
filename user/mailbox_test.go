package user

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func TestMailGoesToTheSettledMainAddress(t *testing.T) {
	now := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	mail := func(address string, primary bool, fresh time.Duration) *storage.Contact {
		c := &storage.Contact{Channel: "email", Address: address, Canonical: address, Primary: primary}
		if fresh > 0 {
			c.RestsUntil = now.Add(fresh)
		}
		return c
	}
	phone := &storage.Contact{Channel: "phone", Address: "+39333", Primary: true}
	for name, c := range map[string]struct {
		contacts []*storage.Contact
		want     string // "" = none
		others   []string
		no       []string
	}{
		"none":                            {nil, "", nil, []string{"a@x.it"}},
		"a telephone is no mailbox":       {[]*storage.Contact{phone}, "", nil, []string{"+39333"}},
		"the primary one":                 {[]*storage.Contact{mail("a@x.it", false, 0), mail("b@x.it", true, 0)}, "b@x.it", []string{"a@x.it"}, nil},
		"without a primary one the first": {[]*storage.Contact{phone, mail("a@x.it", false, 0), mail("b@x.it", false, 0)}, "a@x.it", []string{"b@x.it"}, nil},
		"a fresh primary one stands back": {[]*storage.Contact{mail("new@x.it", true, time.Hour), mail("old@x.it", false, 0)}, "old@x.it", nil, []string{"new@x.it"}},
		"a fresh one later in the list":   {[]*storage.Contact{mail("old@x.it", false, 0), mail("new@x.it", true, time.Hour)}, "old@x.it", nil, []string{"new@x.it"}},
		"only a fresh one":                {[]*storage.Contact{mail("new@x.it", true, time.Hour)}, "new@x.it", nil, nil},
	} {
		p := &storage.Person{Contacts: c.contacts}
		got := ""
		if m := MainMailbox(p, now); m != nil {
			got = m.Address
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		for _, a := range c.others {
			if mailbox(p, a, now) == nil {
				t.Errorf("%s: no mail to %s", name, a)
			}
		}
		for _, a := range c.no {
			if mailbox(p, a, now) != nil {
				t.Errorf("%s: mail to %s", name, a)
			}
		}
	}
}
