package cases

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// long is a password of n bytes that no list knows and no rule finds regular.
func long(n int) string {
	out, x := make([]byte, n), uint32(n)
	for i := range out {
		x = x*1664525 + 1013904223
		out[i] = '0' + byte(x>>24)%75
	}
	return string(out)
}

// L09, on the pages: what was set is what opens, to the last byte, and nothing else does.
func TestL09APasswordIsWhatItIsToTheLastByte(t *testing.T) {
	for name, c := range map[string]struct {
		set  string
		open []string // besides itself
		shut []string
	}{
		"12 bytes":          {set: "kx7-Wq2mVz0p", shut: []string{"kx7-Wq2mVz0", "kx7-Wq2mVz0pp", "KX7-WQ2MVZ0P"}},
		"64 bytes":          {set: long(64), shut: []string{long(64)[:63], long(64) + "x"}},
		"72 bytes":          {set: long(72), shut: []string{long(72)[:71], long(72) + "x"}},
		"73 bytes":          {set: long(72) + "a", shut: []string{long(72) + "b", long(72)}},
		"128 bytes":         {set: long(128), shut: []string{long(128)[:127] + "~", long(128)[:72], long(128)[:127]}},
		"1024 bytes":        {set: long(1024), shut: []string{long(1024)[:1023] + "~", long(1024)[:1023]}},
		"space around":      {set: "  due passi nel bosco ", shut: []string{"due passi nel bosco", " due passi nel bosco ", "  due passi nel bosco"}},
		"only inner spaces": {set: "due  passi nel bosco", shut: []string{"due passi nel bosco"}},
		"composed":          {set: "perché no, ragàzzi", open: []string{"perche\u0301 no, raga\u0300zzi"}, shut: []string{"perche no, ragazzi"}},
		"decomposed":        {set: "perche\u0301 no, raga\u0300zzi", open: []string{"perché no, ragàzzi"}},
		"compatibility":     {set: "ﬁne del mondo ②", shut: []string{"fine del mondo 2"}},
		"emoji":             {set: "🦔 riccio e 🐇 coniglio", shut: []string{"🦔 riccio e 🐇", "\U0001F994 riccio e \U0001F430 coniglio"}},
		"markup and quotes": {set: `"><script>'&amp;%00+ \`, shut: []string{`"><script>'&%00+ \`}},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				b := w.Browser("reset").Open(here+"/forgot").FillID("username", w.U2.Username).Submit("forgot-submit")
				b.Open(mailedLink(t, w, w.U2.Email)).FillID("password", c.set).Submit("password-submit").WantStep("password_set")
				for _, other := range append(c.shut, w.U2.Password) {
					want(t, "another one", guess(w, "203.0.113.20", w.U2.Username, other), 422)
				}
				for _, same := range append(c.open, c.set) {
					time.Sleep(time.Hour)
					want(t, "the same", guess(w, "203.0.113.20", w.U2.Username, same), 200)
				}
				want(t, "signed in", w.RP1.Answers(), 1+len(c.open))
				for _, secret := range []string{c.set, url.QueryEscape(c.set)} {
					if strings.Contains(w.Logs.String(), secret) || strings.Contains(w.Dump(), secret) {
						t.Error("the password is in the log or the database")
					}
				}
			})
		})
	}
}

// L09: what can be no password is refused before anything is looked up or hashed, and never by a 5xx.
func TestL09WhatCanBeNoPasswordIsRefusedFirst(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora").Open(w.RP1.Login())
		for _, c := range []struct {
			name, form, says, reason string
		}{
			{"1025 bytes", "password=" + url.QueryEscape(long(1025)), "400 login", "too_long"},
			{"60 kB", "password=" + strings.Repeat("a", 60<<10), "400 login", "too_long"},
			{"1024 bytes are looked at", "password=" + url.QueryEscape(long(1024)), "422 login", "wrong"},
			{"1025 bytes in 342 characters", "password=" + url.QueryEscape(strings.Repeat("€", 342)), "400 login", "too_long"},
			{"empty", "password=", "422 login", "empty"},
			{"absent", "", "422 login", "empty"},
			{"8 bytes, less than a new one may have", "password=kx7-Wq2m", "422 login", "wrong"},
			{"NUL", "password=quattro%00gatti", "400 invalid_request", ""},
			{"NUL at the end", "password=" + url.QueryEscape(w.U2.Password) + "%00", "400 invalid_request", ""},
			{"no UTF-8", "password=%ff%fe", "400 invalid_request", ""},
			{"an array as PHP has it", "password[]=" + url.QueryEscape(w.U2.Password), "422 login", "empty"},
			{"in the URL", "", "422 login", "empty"},
		} {
			time.Sleep(time.Hour) // no throttle stands before it
			b.Open(b.URL().String())
			p := &prober{t: t, w: w}
			target := b.URL().Path + "/password"
			if c.name == "in the URL" {
				target += "?username=dora&password=" + url.QueryEscape(w.U2.Password)
			}
			b.Open(w.RP1.Login())
			target = strings.Replace(target, strings.Split(target, "/")[2], requestOf(b), 1)
			a := p.send(probe{http.MethodPost, target, "username=dora&" + c.form, head("Cookie", cookies(b), "Sec-Fetch-Site", "same-origin")})
			want(t, c.name, a.says(), c.says)
			if c.reason != "" {
				person := "" // nobody was looked up
				if c.reason == "wrong" {
					person = w.U2.ID
				}
				recorded(t, w, "authn.fail", storage.Event{Outcome: "fail", Reason: c.reason, ClientID: "panel", PersonID: person})
			}
		}
		want(t, "signed in", w.RP1.Answers(), 0)
	})
}

// L09: of two passwords in one form only the first is tried: a form is one guess.
func TestL09TwoPasswordsAreOneGuess(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora").Open(w.RP1.Login()).WantStep("login")
		b.Post(b.URL(), here+b.URL().Path+"/password", url.Values{"username": {w.U2.Username}, "password": {notThePassword, w.U2.Password}})
		b.WantStatus(http.StatusUnprocessableEntity)
		want(t, "failures", len(w.Records("authn.fail")), 1)
	})
}
