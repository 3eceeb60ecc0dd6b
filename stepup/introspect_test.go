package stepup

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatIntrospectionSaysNoTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer()
		p := newPanel(t, i, Introspection("api", secret), Require("mfa"))
		now := time.Now().Unix()
		for what, says := range map[string]map[string]any{
			"as it should be": active(), "without what may be left out": active("iss", nil, "aud", nil, "jti", nil, "iat", nil, "client_id", nil), "bearer": active("token_type", "bearer"),
		} {
			i.says["t"] = says
			if status, challenge := p.open("t"); status != 200 {
				t.Errorf("%s: %d %s", what, status, challenge)
			}
		}
		for what, says := range map[string]map[string]any{
			"unknown":                 nil,
			"not active":              active("active", false),
			"no word on it":           active("active", nil),
			"a refresh token":         active("token_type", nil),
			"a token of another type": active("token_type", "DPoP"),
			"another issuer":          active("iss", "https://evil.test"),
			"another audience":        active("aud", "https://other.test"),
			"no sub":                  active("sub", nil),
			"no exp":                  active("exp", nil),
			"over":                    active("exp", now),
			"from the future":         active("iat", now+31),
			"signed in in the future": active("auth_time", now+31),
		} {
			i.says["t"] = says
			p.refused(what, "t", 401, "invalid_token")
		}
		for what, says := range map[string]map[string]any{"a text that looks like yes": active("active", "true"), "acr as a list": active("acr", []string{"mfa"})} {
			i.says["t"] = says
			p.refused(what, "t", 503, "")
		}
	})
}

func TestAnIntrospectionThatFailsLetsNobodyIn(t *testing.T) {
	i := newIssuer()
	i.says["t"] = active()
	newPanel(t, i, Introspection("api", "wrong"), Require("mfa")).refused("a wrong secret", "t", 503, "")
	for what, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.test/", http.StatusTemporaryRedirect)
		},
		"a page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>active")) },
		"without end": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"active": true, "x": "` + strings.Repeat("x", maxReply) + `"}`))
		},
		"created": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(201)
			_, _ = w.Write([]byte(`{"active": true}`))
		},
	} {
		i.change = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/introspect" {
				answer(w, r)
			}
			return r.URL.Path == "/introspect"
		}
		newPanel(t, i, Introspection("api", secret), Require("mfa")).refused(what, "t", 503, "")
	}
}
