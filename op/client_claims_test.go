package op

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

// ownNames gives rp1 names of its own, told at those places.
func ownNames(places ...string) func(*config.Config) {
	return func(c *config.Config) {
		c.Clients["rp1"].ClaimsIn = places
		c.Clients["rp1"].Claims = []config.ClientClaim{
			{Name: "areas", Value: json.RawMessage(`["dns","billing"]`)}, {Name: "firstname", From: "given_name"}, {Name: "login", From: "preferred_username"},
			{Name: "mail", From: "email"}, {Name: "mobile", From: "phone_number"}, {Name: "since", From: "updated_at"}, {Name: "tier", Value: json.RawMessage(`"gold"`)},
		}
	}
}

// toldOf lists, of the claims of ownNames and those behind them, what an object has.
func toldOf(of map[string]any) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if slices.Contains([]string{"areas", "email", "firstname", "given_name", "login", "mail", "mobile", "tier"}, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}

// A claim under a name of the client's own comes when its source does, by scopes and at the places of claims_in, and when it
// is wished for, which opens nothing else. A constant comes wherever a person's claims are told.
func TestAClientsOwnNamesFollowTheClaimsBehindThem(t *testing.T) {
	const profile = "areas firstname given_name login tier"
	for name, c := range map[string]struct {
		scope, wish string
		places      []string
		later       func(*config.Config)
		id, info    string
	}{
		"nothing is open":           {scope: "openid", info: "areas tier"},
		"in the ID token":           {scope: "openid profile", places: []string{"id_token"}, id: profile},
		"at userinfo":               {scope: "openid profile", info: profile},
		"at both":                   {scope: "openid email", places: []string{"id_token", "userinfo"}, id: "areas email mail tier", info: "areas email mail tier"},
		"a wish for the source":     {scope: "openid", wish: `{"id_token":{"given_name":null}}`, id: "given_name", info: "areas tier"},
		"a wish for the name":       {scope: "openid", wish: `{"id_token":{"firstname":null,"mobile":null}}`, id: "firstname mobile", info: "areas tier"},
		"a wish for a constant":     {scope: "openid", wish: `{"id_token":{"tier":{"essential":true}}}`, id: "tier", info: "areas tier"},
		"a wish for what is there":  {scope: "openid profile", wish: `{"userinfo":{"firstname":null,"tier":null}}`, info: profile},
		"the scope was taken away":  {scope: "openid email", later: without("email"), id: "", info: "areas tier"},
		"it got a floor":            {scope: "openid", wish: `{"userinfo":{"mail":null}}`, later: floored, info: "areas tier"},
		"the person is to be asked": {scope: "openid", wish: `{"userinfo":{"mail":null}}`, later: asking, info: "areas tier"},
		"the names were taken away": {scope: "openid profile", later: func(c *config.Config) { c.Clients["rp1"].Claims = nil }, info: "given_name"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, ownNames(c.places...), func(t *testing.T, h *house) {
				h.person("anna")
				got := h.redeem(h.signIn("anna", pwd).code("scope", c.scope, "claims", c.wish))
				if id := toldOf(claims(t, got.ID)); id != c.id {
					t.Errorf("the ID token has %q, want %q", id, c.id)
				}
				if c.later != nil {
					h.reload(c.later)
				}
				body := h.userinfo(got.Access).Body.Bytes()
				var info map[string]any
				if err := json.Unmarshal(body, &info); err != nil {
					t.Fatal(err)
				}
				if got := toldOf(info); got != c.info {
					t.Errorf("userinfo has %q, want %q", got, c.info)
				}
				for _, name := range []string{"firstname", "mail", "tier"} {
					if strings.Count(string(body), `"`+name+`"`) > 1 {
						t.Errorf("%s comes twice: %s", name, body)
					}
				}
			})
		})
	}
}

func TestAClientsOwnNameSaysWhatItsSourceSays(t *testing.T) {
	inBubble(t, ownNames(), func(t *testing.T, h *house) {
		h.person("anna")
		var info map[string]any
		if err := json.Unmarshal(h.userinfo(h.redeem(h.signIn("anna", pwd).code("scope", "openid profile email phone")).Access).Body.Bytes(), &info); err != nil {
			t.Fatal(err)
		}
		for name, source := range map[string]string{"firstname": "given_name", "login": "preferred_username", "mail": "email", "mobile": "phone_number", "since": "updated_at"} {
			if info[name] == nil || info[name] != info[source] {
				t.Errorf("%s is %v, %s %v", name, info[name], source, info[source])
			}
		}
		if info["tier"] != "gold" || len(info["areas"].([]any)) != 2 {
			t.Error(info["tier"], info["areas"])
		}
	})
}

// A client without names of its own pays nothing for those of others.
func TestNamesOfOthersCostNothing(t *testing.T) {
	plainConfig := &config.Config{}
	plain := newClient(plainConfig, &config.Client{Scopes: []string{"openid", "email", "profile"}})
	scopes := []string{"openid", "email", "profile"}
	person := &storage.Person{ID: "p1", Username: "anna", Profile: []byte(`{"name":"Anna"}`)}
	grant := &storage.Grant{PersonID: "p1"}
	if n := testing.AllocsPerRun(100, func() { (&liveToken{grant: grant, person: person}).claims(plainConfig, plain, scopes) }); n > 1 {
		t.Errorf("%v allocations, one is the answer itself", n)
	}
}
