package people

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func TestADocumentIsCheckedWholeAndEveryFaultIsNamed(t *testing.T) {
	long := strings.Repeat("a", 201)
	for name, c := range map[string]struct{ document, want string }{
		"good":                 {`{"username":"mario","emails":["m@rossi.test"],"phones":["+39 333 1234567"],"locale":"it","billing_profile":true}`, ""},
		"nothing":              {`{}`, "/username"},
		"unknown":              {`{"username":"mario","admin":true}`, "/admin"},
		"unknown, escaped":     {`{"username":"mario","a/b~c":1}`, "/a~1b~0c"},
		"read-only":            {`{"username":"mario","id":"x","verified":["a@b.test"]}`, "/id /verified"},
		"a password":           {`{"username":"mario","password":"x"}`, "/password"},
		"wrong types":          {`{"username":7,"emails":"m@rossi.test","disabled":"yes"}`, "/disabled /emails /username"},
		"bad values":           {`{"username":"a b","locale":"tlh","name":"` + long + `","emails":["nobody","a@b.test","A@B.test"],"phones":["333"]}`, "/username /name /locale /emails/0 /emails/2 /phones/0"},
		"another's mailbox":    {`{"username":"vera@bianchi.test","emails":["m@rossi.test"]}`, "/username"},
		"the own mailbox":      {`{"username":"M@rossi.test","emails":["m@rossi.test"]}`, ""},
		"markup is only text":  {`{"username":"mario","name":"<b>Mario</b>"}`, ""},
		"directions":           {`{"username":"mario","name":"Mario\u202e"}`, "/name"},
		"line breaks":          {`{"username":"mario","given_name":"Mario\nBcc: x"}`, "/given_name"},
		"null is empty":        {`{"username":"mario","name":null,"emails":null}`, ""},
		"null for a user name": {`{"username":null}`, "/username"},
		"too many":             {`{"username":"mario","emails":["1@x.test","2@x.test","3@x.test","4@x.test","5@x.test","6@x.test","7@x.test","8@x.test","9@x.test","10@x.test","11@x.test"]}`, "/emails"},
	} {
		var in map[string]json.RawMessage
		if err := json.Unmarshal([]byte(c.document), &in); err != nil {
			t.Fatal(err)
		}
		var d draft
		faults := d.apply(in)
		if len(faults) == 0 {
			faults = d.check([]string{"it", "en"})
		}
		var at []string
		for _, f := range faults {
			at = append(at, f.Pointer)
		}
		if got := strings.Join(at, " "); got != c.want {
			t.Errorf("%s: faults at %q, want %q", name, got, c.want)
		}
	}
}

func TestProvedAddressesStayAndNewOnesAreOnFile(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	p := &storage.Person{ID: "p", Contacts: []*storage.Contact{
		{ID: "proved", PersonID: "p", Channel: "email", Address: "a@x.test", Canonical: "a@x.test", Primary: true, VerifiedAt: now},
		{ID: "filed", PersonID: "p", Channel: "email", Address: "b@x.test", Canonical: "b@x.test"},
		{ID: "phone", PersonID: "p", Channel: "phone", Address: "+39 333 1234567", Canonical: "+393331234567", Primary: true},
	}}
	d := draft{Emails: []string{"C@x.test"}, Phones: []string{"+39 333 123 4567"}}
	f := d.file(p, now.Add(time.Hour), now)
	if len(f.remove) != 1 || f.remove[0].ID != "filed" {
		t.Errorf("removed %+v, want the one on file", f.remove)
	}
	at := slices.IndexFunc(f.put, func(c *storage.Contact) bool { return c.Canonical == "c@x.test" })
	if len(f.put) != 2 || at < 0 {
		t.Fatalf("put %+v", f.put)
	}
	if c := f.put[at]; !c.VerifiedAt.IsZero() || !c.Primary || !c.FreshUntil.Equal(now.Add(time.Hour)) {
		t.Errorf("the new address is %+v, want on file, primary and fresh", c)
	}
	if c := f.put[1-at]; c.ID != "proved" || c.Primary || c.VerifiedAt.IsZero() {
		t.Errorf("the proved address became %+v", c)
	}
	same := draft{Emails: []string{"a@x.test", "b@x.test"}, Phones: []string{"+393331234567"}}
	if f := same.file(p, now, now); !f.empty() {
		t.Errorf("the same addresses change something: %+v", f)
	}
}
