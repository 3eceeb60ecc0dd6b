package acr

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLevelsByName(t *testing.T) {
	if got, ok := std.Level(refeds); !ok || got.Name != "mfa" {
		t.Errorf("alias: got %v %v", got.Name, ok)
	}
	if _, ok := std.Level("urn:x"); ok || std.Known("urn:x") || std.Known("") {
		t.Error("an unknown name is known")
	}
}

func TestCompare(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"sfa", "mfa", -1}, {"mfa", "sfa", 1}, {"mfa", refeds, 0}, {"phr", "mfa", 1},
		{"", "sfa", -1}, {"sfa", "", 1}, {"", "", 0},
		{"mfa", "urn:x", -1}, {"urn:x", "sfa", -1}, {"urn:x", "", -1}, {"urn:x", "urn:x", -1},
	}
	for _, tt := range tests {
		if got := std.Compare(tt.a, tt.b); got != tt.want {
			t.Errorf("Compare(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestValidate(t *testing.T) {
	all := []Method{Password, Social, Passkey, TOTP, Email, SMS, WhatsApp, Recovery}
	clean := func(p *Policy) { p.Providers = nil }
	tests := []struct {
		n         string
		policy    *Policy
		available []Method
		want      []string
	}{
		{"the default", standard(), all, nil},
		{"with aliases and hardware", policy(clean), all, nil},
		{"no passkeys", standard(), []Method{Password, TOTP, Email}, []string{`acr level "phr": no configured factor can reach it`}},
		{"phr by a trusted provider", policy(func(p *Policy) {
			p.Levels = p.Levels[:3]
			p.Providers = map[string]Provider{"partner": {TrustAcr: map[string]string{"up": "phr"}}}
		}), []Method{Password, TOTP}, nil},
		{"reserve codes alone", policy(second(Recovery), func(p *Policy) { p.Levels = p.Levels[:2]; p.Providers = nil }), []Method{Password, Recovery}, []string{`acr level "mfa": no configured factor can reach it`}},
		{"only a mailbox, never asked", policy(second(Email), codes(Never), func(p *Policy) { p.Levels = p.Levels[:2]; p.Providers = nil }), []Method{Password, Email}, []string{`acr level "mfa": no configured factor can reach it`}},
		{"nothing at all", &Policy{}, nil, []string{"acr: there is no level"}},
		{"no second step", &Policy{Levels: []Level{{Name: "sfa"}}}, all, []string{"acr: no level needs a second step, but second_factor asks for one"}},
		{"names twice", policy(clean, func(p *Policy) { p.Levels[2].Aliases = []string{"sfa", ""} }), all, []string{`acr level "phr": the name "sfa" is used twice`, `acr level "phr": has an empty name`}},
		{"upside down", policy(clean, func(p *Policy) { p.Levels[0], p.Levels[1] = p.Levels[1], p.Levels[0] }), all, []string{`acr level "mfa": the lowest level must be a first step alone`, `acr level "sfa": needs less than "mfa", which stands below it`}},
		{"two second steps that do not nest", policy(func(p *Policy) {
			p.Levels = []Level{p.Levels[0], {Name: "app", Kind: SecondFactor, Second: []Method{TOTP}}, {Name: "code", Kind: SecondFactor, Second: []Method{TOTP, SMS}}}
			p.Providers = nil
		}), all, []string{`acr level "code": is reached by "sms", which does not reach "app" below it`}},
		{"providers that name unknown levels", policy(func(p *Policy) {
			p.Providers = map[string]Provider{"a": {Floor: "high"}, "b": {TrustAcr: map[string]string{"up": "top"}}}
		}), all, []string{`acr level "high": is unknown (floor of provider "a")`, `acr level "top": is unknown (trust_acr of provider "b")`}},
		{"groups that name unknown levels", policy(clean, groups("b", "top", "a", "high", "c", refeds)), all, []string{`acr level "high": is unknown (acr of group "a")`, `acr level "top": is unknown (acr of group "b")`}},
		{"a group whose level nothing reaches", policy(clean, second(Email), codes(Never), groups("staff", "mfa"), func(p *Policy) { p.Levels = p.Levels[:2] }), []Method{Password}, []string{`acr level "mfa": no configured factor can reach it`}},
	}
	for _, tt := range tests {
		t.Run(tt.n, func(t *testing.T) {
			if !strings.Contains(tt.n, "group") {
				tt.policy.GroupFloors = nil
			}
			var got []string
			for _, err := range tt.policy.Validate(tt.available) {
				got = append(got, err.Error())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
