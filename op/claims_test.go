package op

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

// A claim that several ask for comes once (RFC 8259 §4), and what a person's data hold stays data.
func TestNoClaimComesTwiceAndNoneBreaksTheObject(t *testing.T) {
	c := &liveToken{
		grant: &storage.Grant{PersonID: "p1", Claims: []byte(`{"userinfo":{"sub":null,"iss":null,"email":{"essential":true},"name":null,"phone_number":null}}`)},
		person: &storage.Person{
			ID: "p1", Username: `an"na\`, Profile: []byte(`{"name": "A \"quoted\" </script> name", "zoneinfo":"", "address": {"locality": "Torino"}}`),
			Contacts: []*storage.Contact{{Channel: "email", Address: "anna@example.test"}},
		},
	}
	scopes := []string{"openid", "email", "email", "profile", "address", "unheard-of"}
	body := string(c.claims(&config.Config{}, newClient(&config.Config{}, &config.Client{Scopes: []string{"openid", "email", "profile", "address", "phone"}}), scopes).End())
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	for name, want := range map[string]any{"sub": "p1", "preferred_username": `an"na\`, "name": `A "quoted" </script> name`, "email": "anna@example.test", "email_verified": false} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
		if n := strings.Count(body, `"`+name+`":`); n != 1 {
			t.Errorf("%s comes %d times", name, n)
		}
	}
	for _, name := range []string{"iss", "phone_number", "zoneinfo"} {
		if _, there := got[name]; there {
			t.Errorf("%s is there", name)
		}
	}
	if place, _ := got["address"].(map[string]any); place["locality"] != "Torino" {
		t.Errorf("address is %v", got["address"])
	}
}
