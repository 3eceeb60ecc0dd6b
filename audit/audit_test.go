package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage"
)

func TestEventCarriesItsTrail(t *testing.T) {
	ctx := With(context.Background(), Trail{IP: netip.MustParseAddr("192.0.2.7"), UserAgent: "Firefox", RequestID: "ref1"})
	ev := From(ctx).Event(MFAFail, Fail, "replayed")
	if ev.IP != "192.0.2.7" || ev.UserAgent != "Firefox" || ev.RequestID != "ref1" {
		t.Errorf("trail lost: %+v", ev)
	}
	if ev.Name != "mfa.fail" || ev.Outcome != "fail" || ev.Reason != "replayed" || ev.ID == "" {
		t.Errorf("record = %+v", ev)
	}
	if ev := From(context.Background()).Event(ConfigLoaded, OK, ""); ev.IP != "" {
		t.Errorf("a command has the address %q", ev.IP)
	}
}

func TestUserAgentIsBoundedAndHarmless(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"ordinary":              {"Mozilla/5.0 (X11; Linux)", "Mozilla/5.0 (X11; Linux)"},
		"a forged second line":  {"Firefox\r\n2026 authn.ok admin", "Firefox  2026 authn.ok admin"},
		"terminal escapes":      {"a\x1b[2Jb", "a[2Jb"},
		"NUL and broken UTF-8":  {"a\x00b\xffc", "abc"},
		"text direction":        {"abc\u202egpj.exe", "abcgpj.exe"},
		"markup stays readable": {"<script>", "<script>"},
		"only space":            {" \t ", ""},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", name, c.in, got, c.want)
		}
	}
	for _, long := range []string{strings.Repeat("a", 1<<20), strings.Repeat("é", 500), "a" + strings.Repeat("日", 500)} {
		if got := Clean(long); len(got) > maxAgent || !utf8.ValidString(got) || got == "" {
			t.Errorf("a long agent became %d bytes, valid %v", len(got), utf8.ValidString(got))
		}
	}
}

func TestLineIsOneLineOfJSON(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 5000, time.FixedZone("CET", 3600))
	full := &storage.Event{
		ID: "e1", At: at, Name: AuthzDenied, Outcome: Fail, Reason: "scope_floor", Actor: "panel", PersonID: "p1",
		ClientID: "panel", SessionID: "s1", IP: "192.0.2.1", UserAgent: "a\nb", RequestID: "r1", Detail: []byte(`{"n":1}`),
	}
	got := Line(full)
	if bytes.Count(got, []byte("\n")) != 1 || got[len(got)-1] != '\n' {
		t.Fatalf("not one line: %q", got)
	}
	var m map[string]any
	if err := json.Unmarshal(got, &m); err != nil {
		t.Fatal(err)
	}
	if m["time"] != "2026-03-01T11:00:00.000005Z" || m["event"] != "authz.denied" || m["subject"] != "p1" {
		t.Errorf("line = %s", got)
	}
	var names []string
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	want := "actor client detail event id ip outcome reason request session subject time user_agent why"
	if strings.Join(names, " ") != want {
		t.Errorf("members %v, want %s", names, want)
	}
	for name, ev := range map[string]*storage.Event{
		"damaged detail": {Name: AuthnOK, Detail: []byte(`{"n":`)},
		"a far year":     {Name: AuthnOK, At: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if out := Line(ev); !json.Valid(out) || !bytes.Contains(out, []byte("authn.ok")) {
			t.Errorf("%s: %q", name, out)
		}
	}
}

// What is stored is the word; what an operator reads has the sentence beside it, the one of `soglia explain`.
func TestLineSaysInWordsWhySomethingWasAsked(t *testing.T) {
	for name, c := range map[string]struct {
		ev   storage.Event
		want acr.Reason
	}{
		"a code":                            {storage.Event{Name: AuthzGranted, Reason: "client_floor"}, acr.ReasonClientFloor},
		"a code for a first step":           {storage.Event{Name: AuthzGranted}, acr.ReasonNone},
		"a refusal":                         {storage.Event{Name: AuthzDenied, Reason: "cooling"}, acr.ReasonCooling},
		"a refusal by another's rule":       {storage.Event{Name: AuthzDenied, Reason: "consent"}, "consent"},
		"a refusal that has its code":       {storage.Event{Name: AuthzDenied, Reason: "other_browser"}, acr.ReasonNone},
		"a code that was sent":              {storage.Event{Name: MFASent, Reason: "email", Detail: []byte(`{"acr":"mfa","because":"own_choice"}`)}, acr.ReasonOwnChoice},
		"a right one":                       {storage.Event{Name: MFAOK, Reason: "totp", Detail: []byte(`{"because":"scope_floor"}`)}, acr.ReasonScopeFloor},
		"a wrong one":                       {storage.Event{Name: MFAFail, Reason: "wrong", Detail: []byte(`{"because":"max_age"}`)}, acr.ReasonMaxAge},
		"a step of an earlier version":      {storage.Event{Name: MFAOK, Reason: "totp", Detail: []byte(`{"acr":"mfa"}`)}, acr.ReasonNone},
		"a reason that means another thing": {storage.Event{Name: TokenRevoked, Reason: "consent"}, acr.ReasonNone},
	} {
		var m struct{ Reason, Why string }
		if err := json.Unmarshal(Line(&c.ev), &m); err != nil {
			t.Fatal(err)
		}
		if m.Why != c.want.Words() || m.Reason != c.ev.Reason {
			t.Errorf("%s: why %q, want %q", name, m.Why, c.want.Words())
		}
	}
}
