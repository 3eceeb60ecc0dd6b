package op

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// FuzzClaimsRequest: whatever stands in the claims parameter, what client and scopes demand is proved before a code is
// given; what the text demands as essential is among what the decision is told; and it is ours to read or not at all.
func FuzzClaimsRequest(f *testing.F) {
	for _, s := range []string{
		`{"id_token":{"acr":{"essential":true,"values":["mfa","sfa"]}}}`, `{"id_token":{"acr":{"essential":true,"value":"phr"}},"userinfo":{"name":null}}`,
		`{"id_token":{"acr":{"value":"sfa"}}}`, `{"id_token":{"acr":null,"sub":{"value":"anna"}}}`, `{"id_token":{"acr":{"essential":"true","values":[1,null,[],{}]}}}`,
		`{"id_token":{"acr":{"essential":true,"values":["mfa"]}},"id_token":{"acr":null}}`, `{"id_token":{"acr":{"essential":true,"value":"mfa","value":"sfa"}}}`,
		`{"id_token":{"acr":{"essential":true,"value":"mfa","Essential":false}}}`, `{"id_token":{"acr":{"essential":true,"value":"mfa"}},"ID_TOKEN":{"acr":null}}`,
		`{"id_token":{"acr":{"essential":true,"values":[]}}}`, `[]`, `{`, `{"id_token":1}`, `{"userinfo":{"sub":{"values":["a","b"]}}}`,
	} {
		f.Add(s, "mfa")
	}
	h := newHouse(f, storagetest.SQLite(f), nil)
	v, now := newView(h.cfg, h.op.now()), h.op.now()
	anna := acr.Person{ID: "anna", HasPassword: true, Factors: []acr.Factor{{ID: "app", Method: acr.TOTP}}}
	first := []acr.Event{{ID: "1", Method: acr.Password, At: now.Add(-time.Minute)}}
	f.Fuzz(func(t *testing.T, raw, values string) {
		if !clean(raw) || !clean(values) || len(raw) > limits["claims"] {
			return
		}
		for _, client := range []string{"rp1", "strong"} {
			plain := &authorization{client: v.clients[client]}
			plain.ClientID, plain.ACRValues = client, strings.Fields(values)
			for _, scope := range []string{"openid", "billing"} {
				if _, ok := plain.client.terms.Scopes[scope]; ok {
					plain.Scopes = append(plain.Scopes, scope)
				}
			}
			with := *plain
			if err := with.readClaims(params{values: map[string]string{"claims": raw}}); err != nil {
				if refused := (*refusal)(nil); !errors.As(err, &refused) || goText.MatchString(refused.description) {
					t.Errorf("%v", err)
				}
				continue
			}
			asked, err := h.op.requirement(v, &with)
			if err != nil {
				continue // it asks for two people
			}
			if floor, _ := h.op.requirement(v, plain); asked.ClientFloor != floor.ClientFloor || !slices.Equal(asked.Scopes, floor.Scopes) {
				t.Errorf("%s moved a floor: %+v", raw, asked)
			}
			for _, name := range essentials(raw) {
				if !slices.Contains(asked.Essential, name) {
					t.Errorf("%s: essential %q is not asked: %q", raw, name, asked.Essential)
				}
			}
			d := acr.Decide(h.cfg.Policy, asked, anna, acr.Evidence{Session: "s", Version: 1, Events: first}, now)
			if d.Outcome == acr.Satisfied {
				t.Errorf("%s: a password alone opens %s with %v", raw, client, d.Granted.Scopes())
			}
		}
	})
}

// essentials reads, token by token and without merging anything, which levels a text demands: every spelling that a
// careless reader would take for the demand counts.
func essentials(raw string) (names []string) {
	var walk func(d *json.Decoder, path []string, found *[]string) bool
	walk = func(d *json.Decoder, path []string, found *[]string) (essential bool) {
		token, err := d.Token()
		if err != nil {
			return false
		}
		switch at := strings.Join(path, "."); token {
		case json.Delim('{'):
			var inside []string
			for d.More() {
				key, err := d.Token()
				if err != nil {
					return false
				}
				name, _ := key.(string)
				if walk(d, append(slices.Clone(path), name), &inside) && at == "id_token.acr" {
					essential = true
				}
			}
			d.Token()
			if at != "id_token.acr" || essential {
				*found = append(*found, inside...)
			}
			return false
		case json.Delim('['):
			for d.More() {
				walk(d, append(slices.Clone(path), "[]"), found)
			}
			d.Token()
		default:
			if s, ok := token.(string); ok && (at == "id_token.acr.value" || at == "id_token.acr.values.[]") {
				*found = append(*found, s)
			}
			return token == true && at == "id_token.acr.essential"
		}
		return false
	}
	d := json.NewDecoder(strings.NewReader(raw))
	walk(d, nil, &names)
	return names
}
