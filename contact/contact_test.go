package contact

import (
	"slices"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func TestProvedAddressesStayAndNewOnesAreOnFile(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	p := &storage.Person{ID: "p", Contacts: []*storage.Contact{
		{ID: "proved", PersonID: "p", Channel: "email", Address: "a@x.test", Canonical: "a@x.test", Primary: true, VerifiedAt: now},
		{ID: "filed", PersonID: "p", Channel: "email", Address: "b@x.test", Canonical: "b@x.test"},
		{ID: "phone", PersonID: "p", Channel: "phone", Address: "+39 333 1234567", Canonical: "+393331234567", Primary: true},
	}}
	d := Wanted{Emails: []string{"C@x.test"}, Phones: []string{"+39 333 123 4567"}}
	f := Compare(p, d, now.Add(time.Hour), now)
	if len(f.remove) != 1 || f.remove[0].ID != "filed" {
		t.Errorf("removed %+v, want the one on file", f.remove)
	}
	at := slices.IndexFunc(f.put, func(c *storage.Contact) bool { return c.Canonical == "c@x.test" })
	if len(f.put) != 2 || at < 0 {
		t.Fatalf("put %+v", f.put)
	}
	if c := f.put[at]; !c.VerifiedAt.IsZero() || !c.Primary || !c.RestsUntil.Equal(now.Add(time.Hour)) {
		t.Errorf("the new address is %+v, want on file, primary and fresh", c)
	}
	if c := f.put[1-at]; c.ID != "proved" || c.Primary || c.VerifiedAt.IsZero() {
		t.Errorf("the proved address became %+v", c)
	}
	same := Wanted{Emails: []string{"a@x.test", "b@x.test"}, Phones: []string{"+393331234567"}}
	if f := Compare(p, same, now, now); !f.Empty() {
		t.Errorf("the same addresses change something: %+v", f)
	}
}
