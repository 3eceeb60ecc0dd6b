package cases

import (
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// crafted are texts on which careless readers of lists, tags, names and patterns take more than linear time; each is
// repeated to any length.
var crafted = map[string]string{
	"language subtags": "en-x-a-", "private use": "x-", "weights": "it;q=0.000,", "ranges": "*-*-", "separators": "-", "semicolons": ";q=",
	"combining marks": "a\u0315\u0300\u05ae", "marks alone": "\u0344", "one that grows eighteenfold": "\ufdfa", "Hangul": "\u1100\u1161", "folded": "ΐŉ",
	"spaces": " ", "backtracking": "aaaa!", "nested groups": "((a+)+", "agents": "Mozilla/5.0 (", "comments": "(((", "broken UTF-8": "\xf0\x9f",
	"domains": "xn--a.", "dots": ".", "ats": "a@", "escapes": "%25", "commas": ",",
}

func repeated(unit string, n int) string { return strings.Repeat(unit, n/len(unit)+1)[:n] }

// N05: whoever reads a stranger's text cuts or refuses it by its length first. So a mebibyte costs no more than what is
// read of it: nothing is copied, folded, normalised or split that is not also kept. (What a reader costs in time is its
// bound in length; Go's regular expressions are linear, and read the operator's file only.)
func TestN05ReadersCutBeforeTheyRead(t *testing.T) {
	set, err := templates.New(templates.Brand{Name: "Example", DefaultLang: "it", Offered: []string{"it", "en"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(string){
		"Accept-Language": func(s string) { set.Match(s, "") },
		"ui_locales":      func(s string) { set.Match("", s) },
		"User-Agent":      func(s string) { audit.Clean(s); session.Agent(s) },
		"user name":       func(s string) { user.CanonicalUsername(s) },
		"address":         func(s string) { user.CanonicalEmail(s) },
	} {
		for kind, unit := range crafted {
			for _, text := range []string{repeated(unit, 1<<20), "a@" + repeated(unit, 1<<20)} {
				read(text[:1024]) // tables that are made once
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				read(text)
				runtime.ReadMemStats(&after)
				if n := after.TotalAlloc - before.TotalAlloc; n > 256<<10 {
					t.Errorf("%s of %s: %d bytes for a text that is refused or cut", name, kind, n)
				}
			}
		}
	}
	for _, lang := range []string{"en", "it"} { // what is wanted behind the bound is not found, what stands before it is
		other := map[string]string{"en": "it", "it": "en"}[lang]
		if got := set.Match(lang+","+repeated("x-a,", 1<<20), ""); got != lang {
			t.Errorf("Accept-Language %s: %s", lang, got)
		}
		if got := set.Match("", lang+" "+repeated("x-a ", 1<<20)); got != lang {
			t.Errorf("ui_locales %s: %s", lang, got)
		}
		if got := set.Match(repeated("fr-x-a,", 1<<20)+other, ""); got != "it" {
			t.Errorf("the end was read: %s", got)
		}
	}
}

// N05, over the whole server: the longest that is let in leads to an answer, and what is kept and logged of it is short.
func TestN05CraftedTextsAreAnsweredAndHardlyKept(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		p := &prober{t: t, w: w}
		id := requestOf(w.Browser("dora").Open(w.RP1.Login()))
		owner := newOwner(w)
		for kind, unit := range crafted {
			text := repeated(unit, 24<<10)
			form := "username=" + url.QueryEscape(text[:6<<10]) + "&password=" + url.QueryEscape(text[:6<<10]) + "&otp=" + url.QueryEscape(text[:4<<10])
			field := strings.Map(func(c rune) rune { // a header's value has no control characters, and its bytes are Latin-1
				if c < 0x20 || c > 0x7e {
					return '?'
				}
				return c
			}, text)
			ours := head("Cookie", owner.cookies, "Sec-Fetch-Site", "same-origin")
			for _, q := range []probe{
				{"GET", "/support", "", head("Accept-Language", field)},
				{"GET", "/support", "", head("User-Agent", field)},
				{"GET", "/login/" + id, "", head("Accept-Language", field, "User-Agent", field[:100])},
				{"GET", "/authorize?client_id=panel&scope=" + url.QueryEscape(text[:6<<10]), "", nil},
				{"GET", "/authorize?client_id=" + url.QueryEscape(text[:6<<10]), "", nil},
				{"GET", "/authorize?client_id=panel&redirect_uri=" + url.QueryEscape(text[:6<<10]), "", nil},
				{"GET", "/login?next=" + url.QueryEscape(text[:6<<10]), "", nil},
				{"GET", "/support?ui_locales=" + url.QueryEscape(text[:6<<10]) + "&lang=" + url.QueryEscape(text[:6<<10]), "", nil},
				{"POST", "/login/" + owner.id + "/password", form, ours},
				{"POST", "/login/" + owner.id + "/code", form, ours},
				{"POST", "/forgot", form, head("Sec-Fetch-Site", "same-origin", "User-Agent", field)},
				{"POST", "/token", "grant_type=refresh_token&refresh_token=x&scope=" + url.QueryEscape(text[:6<<10]) + "&client_id=" + url.QueryEscape(text[:6<<10]), nil},
			} {
				a := p.send(q)
				for _, m := range a.manners(web.Page) {
					if m == ofOurs || strings.HasPrefix(m, "silence") {
						t.Errorf("%s: %s: %s lacks %s", kind, a, a.says(), m)
					}
				}
			}
		}
		for line := range strings.Lines(w.Logs.String()) {
			if len(line) > 4<<10 {
				t.Errorf("a log line of %d bytes: %.300s", len(line), line)
			}
		}
		all := w.Records("")
		for _, e := range all {
			if len(e.UserAgent) > 256 || len(e.Detail) > 1024 || len(e.Reason) > 64 || len(e.ClientID) > 100 {
				t.Errorf("a long record: %+v", e)
			}
		}
		for _, name := range []string{"authz.denied", "authn.fail", "client.auth.fail"} {
			if !slices.ContainsFunc(all, func(e *storage.Event) bool { return e.Name == name }) {
				t.Errorf("no %s: the texts did not come that far", name)
			}
		}
	}, servertest.With(throughProxy))
}
