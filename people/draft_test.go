package people

import (
	"encoding/json"
	"strings"
	"testing"
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
