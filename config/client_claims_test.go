package config

import (
	"strings"
	"testing"
)

// A client's own names for claims are checked as the operator's own claims are, and against what its scopes open.
func TestTheNamesAClientHasForClaimsAreChecked(t *testing.T) {
	const before = `branding: {support: {phone: "+39 0000 000000"}}
scopes: {hosting: {claims: [customer_number, plan]}, other: {claims: [tier, areas]}}
home: a
clients:
- {id: a, secret: "${env:CLIENT_SECRET}", redirect_uris: ["https://a.example/cb"], initiate_login_uri: "https://a.example/",
   scopes: [openid, profile, hosting], claims: `
	for claims, want := range map[string]string{
		`{firstname: given_name, customer: customer_number, tier: {value: gold}}`:                                            "",
		`{areas: {value: [dns, billing]}, max: {value: 12}, rate: {value: -1.5e3}, beta: {value: true}, no: {value: false}}`: "",
		`{day: {value: 2026-12-01}, env: {value: "${env:CLIENT_SECRET}"}}`:                                                   "",
		`{mail: name, email: given_name, "https://claims.example/plan": plan}`:                                               "",
		`{}`: "",

		`{sub: customer_number}`:                 `client "a": claim "sub" says something about a token`,
		`{Sub: customer_number}`:                 `client "a": claim "Sub" says something about a token`,
		`{ACR: {value: mfa}}`:                    `says something about a token`,
		`{"urn:soglia:authn": {value: x}}`:       `says something about a token`,
		`{client_id: {value: x}}`:                `says something about a token`,
		`{"a b": given_name}`:                    `must be at most 100 letters`,
		`{Given_Name: name}`:                     `some programs take it for "given_name"`,
		`{Email: name}`:                          `some programs take it for "email"`,
		`{nickname: given_name}`:                 `claim "nickname" is opened to this client by a scope`,
		`{plan: {value: gold}}`:                  `claim "plan" is opened to this client by a scope`,
		`{customer_number: plan}`:                `claim "customer_number" is opened to this client by a scope`,
		`{Plan: {value: gold}}`:                  `some programs take it for "plan"`,
		`{tier: {value: a}, Tier: {value: b}}`:   `some programs take it for "Tier"`,
		`{email_verified: {value: true}}`:        `claim "email_verified" says what was proved`,
		`{phone_number_verified: {value: true}}`: `claim "phone_number_verified" says what was proved`,

		`{mail: email}`:          `client "a": no scope of its own opens the claim "email"`,
		`{level: tier}`:          `no scope of its own opens the claim "tier"`,
		`{id: sub}`:              `no scope of its own opens the claim "sub"`,
		`{firstname: givenname}`: `did you mean "given_name"?`,
		`{a: given_name, b: a}`:  `no scope of its own opens the claim "a"`,

		`{tier: 3}`:               `for a constant write {value: 3}`,
		`{tier: {}}`:              `must be the name of a claim, or {value: …}`,
		`{tier: {from: plan}}`:    `unknown key "from" in tier`,
		`{tier: [a]}`:             `must be a single value`,
		`{tier: }`:                `has no value`,
		`{tier: {value: }}`:       `has no value`,
		`{tier: {value: ""}}`:     `is empty`,
		`{tier: {value: []}}`:     `must hold 1 to 50 texts`,
		`{tier: {value: [1]}}`:    `must be text`,
		`{tier: {value: [[a]]}}`:  `must be a single value`,
		`{tier: {value: {a: b}}}`: `must be a single value`,
		`{tier: {value: 0x10}}`:   `must be a number as JSON writes it`,
		`{tier: {value: .nan}}`:   `must be a number as JSON writes it`,
		`{tier: {value: ` + strings.Repeat("9", 41) + `}}`:      `must be a number as JSON writes it`,
		`{tier: {value: ` + strings.Repeat("long ", 250) + `}}`: `a text of at most 1000 bytes`,
		`{tier: {value: [` + strings.Repeat("a,", 51) + `]}}`:   `must hold 1 to 50 texts`,
		`[firstname]`: `claims must hold keys with values`,
	} {
		c, err := parse(t, small+before+claims+"}\n", Options{})
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", claims, err)
		case want == "":
			for i, claim := range c.Clients["a"].Claims {
				if claim.Name == "" || (claim.From == "") == (claim.Value == nil) || i > 0 && c.Clients["a"].Claims[i-1].Name >= claim.Name {
					t.Errorf("%s: %+v", claims, c.Clients["a"].Claims)
				}
			}
		case err == nil || !strings.Contains(err.Error(), want) || len(err.(*Errors).List) != 1:
			t.Errorf("%s: %v, want one mistake, %q", claims, err, want)
		}
	}
}

func TestConstantsAreKeptAsJSON(t *testing.T) {
	c, err := parse(t, small+`home: a
clients:
- {id: a, secret: "${env:CLIENT_SECRET}", redirect_uris: ["https://a.example/cb"], initiate_login_uri: "https://a.example/",
   claims: {a: {value: a "b" <c>}, b: {value: 1.50}, c: {value: yes}, d: {value: true}, e: {value: [x, y]}, f: {value: "1"}, g: {value: 2026-12-01}}}
`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, claim := range c.Clients["a"].Claims {
		got = append(got, claim.Name+" "+string(claim.Value))
	}
	if all := strings.Join(got, "; "); all != `a "a \"b\" \u003cc\u003e"; b 1.50; c "yes"; d true; e ["x","y"]; f "1"; g "2026-12-01"` {
		t.Error(all)
	}
}
