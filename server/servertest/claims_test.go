package servertest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// withClaims gives the panel scopes of its own that open claims, and every standard scope.
func withClaims(f *config.File) {
	crm(f)
	f.Scopes["customer"] = config.FileScope{OnUnmet: "step_up", Claims: []string{"customer_number"}}
	f.Scopes["hosting"] = config.FileScope{OnUnmet: "step_up", Claims: []string{"plan", "https://claims.example/quota", "areas", "pro", "name"}}
	f.Clients[0].Scopes = append(f.Clients[0].Scopes, "address", "phone", "customer", "hosting")
}

const mario = `{"username":"mario","customer_number":"K-1001","locale":"en","emails":["mario@rossi.test"],"phones":["+39 333 1234567"],
	"name":"Mario \"Super\" Rossi","given_name":"Mario","family_name":"Rossi","middle_name":"Luigi","nickname":"Super","profile":"https://m.example/",
	"picture":"https://m.example/p.png?a=1&b=2","website":"http://m.example","gender":"male","birthdate":"0000-02-29","zoneinfo":"Europe/Rome",
	"address":{"formatted":"Via Roma 1\n10100 Torino","street_address":"Via Roma 1","locality":"Torino","region":"TO","postal_code":"10100","country":"IT"},
	"claims":{"plan":"gold","https://claims.example/quota":100,"areas":["a","b{\"}"],"pro":true}}`

// What discovery lists can be set by the operator's own system, and then comes.
func TestQ50EveryClaimThatIsAdvertisedCanBeSetAndComes(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api := newBackend(t, w, "crm")
		made := api.call("PUT", "/api/people/C-7", mario)
		want(t, "create", made.status, 201)
		want(t, "said twice is done once", api.call("PUT", "/api/people/C-7", mario).header.Get("ETag"), made.header.Get("ETag"))
		p := &servertest.Person{Username: "mario", Password: "sette nani nel bosco", Email: "mario@rossi.test"}
		b := w.Browser("mario")
		setPassword(b, link(t, w, p.Email), p.Password)
		all := "openid profile email address phone customer hosting"
		got := w.SignedIn(b, w.RP1, p, "scope", all)

		var wanted map[string]any
		if err := json.Unmarshal([]byte(mario), &wanted); err != nil {
			t.Fatal(err)
		}
		for name, v := range wanted["claims"].(map[string]any) {
			wanted[name] = v
		}
		for _, name := range []string{"claims", "username", "emails", "phones"} {
			delete(wanted, name)
		}
		said := got.UserInfo
		for name, v := range map[string]any{
			"sub": made.ID, "preferred_username": "mario", "email": "mario@rossi.test", "phone_number": "+393331234567", "phone_number_verified": false,
			"email_verified": said["email_verified"], "updated_at": said["updated_at"],
		} {
			wanted[name] = v
		}
		if diff := cmp.Diff(wanted, said); diff != "" {
			t.Errorf("userinfo:\n%s", diff)
		}
		var meta struct {
			Claims []string `json:"claims_supported"`
			Scopes []string `json:"scopes_supported"`
		}
		if err := w.RP1.Provider().Claims(&meta); err != nil {
			t.Fatal(err)
		}
		for _, name := range meta.Claims {
			if said[name] == nil && got.Claims[name] == nil && name != "urn:soglia:authn" {
				t.Errorf("%s is advertised and nowhere to be had", name)
			}
			if i := slices.Index(meta.Claims, name); slices.Contains(meta.Claims[i+1:], name) {
				t.Errorf("%s is advertised twice", name)
			}
		}
		for name := range said {
			if !slices.Contains(meta.Claims, name) {
				t.Errorf("%s comes and is not advertised", name)
			}
		}
		for _, s := range []string{"people.read", "people.write"} {
			if slices.Contains(meta.Scopes, s) {
				t.Errorf("%s is for the operator's own system, not for panels", s)
			}
		}
		if !slices.Contains(meta.Scopes, "hosting") || !slices.Contains(meta.Scopes, "address") {
			t.Errorf("scopes %v", meta.Scopes)
		}

		// Own claims come by their scope only, also where the claims parameter asks.
		wish := `{"userinfo":{"plan":null,"customer_number":{"essential":true},"claims":null,"own":null}}`
		plain := w.SignedIn(w.Browser("again"), w.RP1, p, "scope", "openid", "claims", wish).UserInfo
		if plain["plan"] != "gold" || plain["customer_number"] != "K-1001" || len(plain) != 3 {
			t.Errorf("of the client's own scopes, by name: %v", plain)
		}
		other := w.SignedIn(w.Browser("elsewhere"), w.RP2, p, "scope", "openid", "claims", wish).UserInfo
		if len(other) != 1 {
			t.Errorf("a panel without the scopes: %v", other)
		}

		// A patch changes what it names, an address and own claims member by member (RFC 7396).
		changed := api.call("PATCH", "/api/people/C-7", `{"nickname":null,"address":{"locality":"Roma","region":null,"formatted":null},"claims":{"plan":"iron","pro":null}}`)
		want(t, "patch", changed.status, 200)
		said = w.SignedIn(w.Browser("third"), w.RP1, p, "scope", all).UserInfo
		if place := fmt.Sprint(said["address"]); place != "map[country:IT locality:Roma postal_code:10100 street_address:Via Roma 1]" {
			t.Errorf("address %s", place)
		}
		if said["nickname"] != nil || said["plan"] != "iron" || said["pro"] != nil || said["areas"] == nil || said["name"] == nil {
			t.Errorf("after the patch: %v", said)
		}
		want(t, "a document without them", api.call("PUT", "/api/people/C-7", `{"username":"mario","emails":["mario@rossi.test"]}`).status, 200)
		said = w.SignedIn(w.Browser("fourth"), w.RP1, p, "scope", all).UserInfo
		if len(said) != 5 { // sub, preferred_username, updated_at, email, email_verified
			t.Errorf("a PUT says how a person is to be: %v", said)
		}
	}, servertest.With(withClaims))
}
