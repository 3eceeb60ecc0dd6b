package people

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
)

func TestADocumentIsCheckedWholeAndEveryFaultIsNamed(t *testing.T) {
	long := strings.Repeat("a", 201)
	for name, c := range map[string]struct{ document, want string }{
		"good":                {`{"username":"mario","emails":["m@rossi.test"],"phones":["+39 333 1234567"],"locale":"it","billing_profile":true}`, ""},
		"nothing":             {`{}`, "/username"},
		"unknown":             {`{"username":"mario","admin":true}`, "/admin"},
		"unknown, escaped":    {`{"username":"mario","a/b~c":1}`, "/a~1b~0c"},
		"read-only":           {`{"username":"mario","id":"x","verified":["a@b.test"]}`, "/id /verified"},
		"a password":          {`{"username":"mario","password":"x"}`, "/password"},
		"wrong types":         {`{"username":7,"emails":"m@rossi.test","disabled":"yes"}`, "/disabled /emails /username"},
		"bad values":          {`{"username":"a b","locale":"tlh","name":"` + long + `","emails":["nobody","a@b.test","A@B.test"],"phones":["333"]}`, "/name /username /locale /emails/0 /emails/2 /phones/0"},
		"another's mailbox":   {`{"username":"vera@bianchi.test","emails":["m@rossi.test"]}`, "/username"},
		"the own mailbox":     {`{"username":"M@rossi.test","emails":["m@rossi.test"]}`, ""},
		"markup is only text": {`{"username":"mario","name":"<b>Mario</b>"}`, ""},
		"directions":          {`{"username":"mario","name":"Mario\u202e"}`, "/name"},
		"line breaks":         {`{"username":"mario","given_name":"Mario\nBcc: x"}`, "/given_name"},
		"every claim": {`{"username":"mario","middle_name":"M.","nickname":"Super","profile":"https://m.example/","picture":"http://m.example/p.png?x=1","website":"https://xn--bcher-kva.example:8443/a",
			"gender":"male","birthdate":"1980-02-29","zoneinfo":"Europe/Rome","address":{"formatted":"Via Roma 1\n10100 Torino","street_address":"Via Roma 1\r\nScala B","locality":"Torino","region":"TO","postal_code":"10100","country":"IT"},
			"claims":{"plan":"gold","areas":["a","b"]}}`, ""},
		"groups":                                      {`{"username":"mario","groups":["staff","billing/it","A"]}`, ""},
		"groups that are none":                        {`{"username":"mario","groups":["all staff","a,b","","b\u200bc","staff","staff"]}`, "/groups/0 /groups/1 /groups/2 /groups/3 /groups/5"},
		"a group that the YAML writes otherwise":      {`{"username":"mario","groups":["staff","admins","Admins"]}`, "/groups/2"},
		"groups and roles are no claims of one's own": {`{"username":"mario","claims":{"groups":["admins"],"roles":["root"],"plan":"gold"}}`, "/claims/groups /claims/roles"},
		"too many groups":                             {`{"username":"mario","groups":["` + strings.Repeat(`g","`, 50) + `"]}`, "/groups"},
		"a group that is no text":                     {`{"username":"mario","groups":[1]}`, "/groups"},
		"roles are the YAML's":                        {`{"username":"mario","roles":["admin"]}`, "/roles"},
		"dates":                                       {`{"username":"mario","birthdate":"1980"}`, ""},
		"a day":                                       {`{"username":"mario","birthdate":"0000-02-29"}`, ""},
		"no day":                                      {`{"username":"mario","birthdate":"1981-02-29"}`, "/birthdate"},
		"no date":                                     {`{"username":"mario","birthdate":"1.1.1980"}`, "/birthdate"},
		"zones":                                       {`{"username":"mario","zoneinfo":"Local"}`, "/zoneinfo"},
		"no zone":                                     {`{"username":"mario","zoneinfo":"../Rome"}`, "/zoneinfo"},
		"addresses that scripts would run":            {`{"username":"mario","profile":"javascript:alert(1)","picture":"data:image/png,x","website":"https://a b.example"}`, "/picture /profile /website"},
		"addresses without a host":                    {`{"username":"mario","profile":"https://","picture":"/p.png","website":"https://u:p@m.example"}`, "/picture /profile /website"},
		"an address that is none":                     {`{"username":"mario","address":"Via Roma 1"}`, "/address"},
		"an address with a floor":                     {`{"username":"mario","address":{"floor":"3"}}`, "/address"},
		"an address with a number":                    {`{"username":"mario","address":{"postal_code":10100}}`, "/address"},
		"own claims nobody opens":                     {`{"username":"mario","claims":{"plan":"gold","tier":"1","sub":"x","email_verified":true,"name":"M","customer_number":"1"}}`, "/claims/customer_number /claims/email_verified /claims/name /claims/sub /claims/tier"},
		"own claims of any shape":                     {`{"username":"mario","claims":{"plan":{"a":1},"areas":[1]}}`, "/claims/areas /claims/plan"},
		"claims that a code proves":                   {`{"username":"mario","email_verified":true,"phone_number":"+39333","sub":"x"}`, "/email_verified /phone_number /sub"},
		"null is empty":                               {`{"username":"mario","name":null,"emails":null}`, ""},
		"null for a user name":                        {`{"username":null}`, "/username"},
		"too many":                                    {`{"username":"mario","emails":["1@x.test","2@x.test","3@x.test","4@x.test","5@x.test","6@x.test","7@x.test","8@x.test","9@x.test","10@x.test","11@x.test"]}`, "/emails"},
	} {
		var in map[string]json.RawMessage
		if err := json.Unmarshal([]byte(c.document), &in); err != nil {
			t.Fatal(err)
		}
		var d draft
		faults := d.apply(in)
		if len(faults) == 0 {
			faults = d.check(&config.Config{Locales: config.Locales{Offered: []string{"it", "en"}}, Scopes: map[string]config.Scope{"hosting": {Claims: []string{"plan", "areas", "groups", "roles", "customer_number", "name"}}}, Groups: map[string]config.Group{"admins": {}}})
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
