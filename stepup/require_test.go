package stepup

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What a token must say, and what is answered to one that does not.
func TestRequire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const (
			level  = `Bearer error="insufficient_user_authentication", error_description="A different level of authentication is needed."`
			old    = `Bearer error="insufficient_user_authentication", error_description="A more recent authentication is needed."`
			scope  = `Bearer error="insufficient_scope", error_description="The access token lacks a scope.", scope="dns"`
			wanted = `, acr_values="mfa", max_age="600", scope="dns"`
		)
		now := time.Now().Unix()
		i := newIssuer()
		all := Require("mfa", MaxAge(10*time.Minute), Scope("dns"))
		for _, c := range []struct {
			what      string
			require   func(http.Handler) http.Handler
			token     map[string]any // nil: none
			status    int
			challenge string
		}{
			{"all of it", all, good(), 200, ""},
			{"a higher level", all, good("acr", "phr"), 200, ""},
			{"another name of the level", all, good("acr", "urn:mfa"), 200, ""},
			{"a lower level", all, good("acr", "sfa"), 401, level + wanted},
			{"a level nobody knows", all, good("acr", "mfa2"), 401, level + wanted},
			{"a level in other letters", all, good("acr", "MFA"), 401, level + wanted},
			{"several levels in one", all, good("acr", "sfa mfa"), 401, level + wanted},
			{"no level", all, good("acr", nil), 401, level + wanted},
			{"an empty level", all, good("acr", ""), 401, level + wanted},
			{"neither level nor scope", all, good("acr", "sfa", "scope", "openid"), 401, level + wanted},
			{"a name that ranks behind the one that is asked", Require("urn:mfa"), good(), 401, level + `, acr_values="urn:mfa"`},
			{"to the second", all, good("auth_time", now-600), 200, ""},
			{"too old", all, good("auth_time", now-601), 401, old + wanted},
			{"no auth_time", all, good("auth_time", nil), 401, old + wanted},
			{"old, but nobody minds", Require("mfa"), good("auth_time", now-86400), 200, ""},
			{"no scope", all, good("scope", "openid"), 403, scope},
			{"no scope at all", all, good("scope", nil), 403, scope},
			{"a part of a scope", all, good("scope", "openid dnsx xdns"), 403, scope},
			{"two scopes, one held", Require("mfa", Scope("dns", "billing")), good(), 403, `Bearer error="insufficient_scope", error_description="The access token lacks a scope.", scope="billing dns"`},
			{"no token", all, nil, 401, `Bearer realm="https://sso.example.test", acr_values="mfa", max_age="600", scope="dns"`},
			{"any level", RequireToken(Scope("dns")), good("acr", nil, "auth_time", nil), 200, ""},
			{"any level, no token", RequireToken(), nil, 401, `Bearer realm="https://sso.example.test"`},
		} {
			token := ""
			if c.token != nil {
				token = i.keys[0].sign("at+jwt", c.token)
			}
			if status, challenge := newPanel(t, i, JWT("panel"), c.require).open(token); status != c.status || challenge != c.challenge {
				t.Errorf("%s: %d %s\nwant %d %s", c.what, status, challenge, c.status, c.challenge)
			}
			if c.token == nil {
				continue
			}
			c.token["active"], c.token["token_type"] = true, "Bearer"
			i.says["opaque"] = c.token // the other way says the same
			if status, challenge := newPanel(t, i, Introspection("api", secret), c.require).open("opaque"); status != c.status || challenge != c.challenge {
				t.Errorf("%s, introspected: %d %s\nwant %d %s", c.what, status, challenge, c.status, c.challenge)
			}
		}
	})
}

func TestTheHandlerSeesTheToken(t *testing.T) {
	i := newIssuer()
	p := newPanel(t, i, JWT("panel"), Require("mfa"))
	claims := good()
	if status, _ := p.open(i.keys[0].sign("at+jwt", claims)); status != 200 {
		t.Fatal(status)
	}
	k := p.token
	if k.Subject != "anna" || k.ClientID != "panel" || k.Acr != "mfa" || len(k.Amr) != 3 || len(k.Scopes) != 2 || k.Session != "s1" ||
		k.AuthTime.Unix() != claims["auth_time"] || k.Expires.Unix() != claims["exp"] {
		t.Errorf("%+v", k)
	}
}

func TestTheTokenComesInOneHeader(t *testing.T) {
	i := newIssuer()
	p := newPanel(t, i, JWT("panel"), Require("mfa"))
	token := i.keys[0].sign("at+jwt", good())
	for _, c := range []struct {
		what   string
		query  string
		header []string
		status int
	}{
		{"as it should be", "", []string{"Bearer " + token}, 200},
		{"the scheme in other letters", "", []string{"bEARER " + token}, 200},
		{"another query", "?page=2", []string{"Bearer " + token}, 200},
		{"none", "", nil, 401},
		{"another scheme", "", []string{"Basic YTpi"}, 401},
		{"DPoP", "", []string{"DPoP " + token}, 401},
		{"no scheme", "", []string{token}, 401},
		{"two headers", "", []string{"Bearer " + token, "Bearer " + token}, 400},
		{"two headers, one of another scheme", "", []string{"Bearer " + token, "Basic YTpi"}, 400},
		{"two in one", "", []string{"Bearer " + token + ", Bearer " + token}, 400},
		{"two words", "", []string{"Bearer " + token + " " + token}, 400},
		{"nothing behind the scheme", "", []string{"Bearer"}, 400},
		{"a space behind the scheme", "", []string{"Bearer "}, 400},
		{"letters that are none", "", []string{"Bearer \"" + token + "\""}, 400},
		{"only padding", "", []string{"Bearer ==="}, 400},
		{"in the query", "?access_token=" + token, nil, 400},
		{"in the query, too", "?access_token=" + token, []string{"Bearer " + token}, 400},
		{"in the query, escaped", "?%61ccess_token=" + token, nil, 400},
		{"a query that nobody can read", "?a=%zz", []string{"Bearer " + token}, 400},
		{"without end", "", []string{"Bearer " + strings.Repeat("a", maxToken+1)}, 401},
	} {
		r := httptest.NewRequest("GET", "/dns", nil)
		if c.query != "" {
			r.URL.RawQuery = c.query[1:]
		}
		r.Header["Authorization"] = c.header
		if got, challenge := p.send(r); got != c.status {
			t.Errorf("%s: %d %s, want %d", c.what, got, challenge, c.status)
		}
	}
}

func TestTheOrderOfLevels(t *testing.T) {
	i := newIssuer()
	token := func(acr string) string { return i.keys[0].sign("at+jwt", good("acr", acr)) }

	own := newPanel(t, i, JWT("panel"), Require("gold"), Order("silver", "gold", "platinum"))
	own.refused("below", token("silver"), 401, "insufficient_user_authentication")
	own.refused("of the issuer's list, which does not count", token("phr"), 401, "insufficient_user_authentication")
	if status, _ := own.open(token("platinum")); status != 200 {
		t.Errorf("above: %d", status)
	}

	typo := newPanel(t, i, JWT("panel"), Require("mfaa"))
	typo.refused("a level that nobody can bring", token("phr"), 500, "")

	i.levels = nil
	none := newPanel(t, i, JWT("panel"), Require("mfa"))
	none.refused("an issuer that lists none", token("phr"), 401, "insufficient_user_authentication")
	if status, _ := none.open(token("mfa")); status != 200 {
		t.Errorf("the very same: %d", status)
	}

	i.levels = []string{"sfa", "mfa", "sfa"}
	newPanel(t, i, JWT("panel"), Require("sfa")).refused("a list that contradicts itself", token("mfa"), 503, "")
}

// An issuer that does not answer lets nobody in, and is not asked by every request.
func TestAnIssuerThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, how := range map[string]Tokens{"JWT": JWT("panel"), "introspection": Introspection("api", secret)} {
			i := newIssuer()
			i.down = errors.New("no route")
			p := newPanel(t, i, how, Require("mfa"))
			token := i.keys[0].sign("at+jwt", good("exp", time.Now().Unix()+30*86400))
			i.says[token] = active("exp", time.Now().Unix()+30*86400)
			for range 20 {
				p.refused(name+", away", token, 503, "")
			}
			if n := i.count("/.well-known/openid-configuration"); n != 1 {
				t.Errorf("%s: asked %d times at once", name, n)
			}
			p.refused(name+", away, without a token", "", 401, "")
			i.down = nil
			time.Sleep(11 * time.Second)
			if status, _ := p.open(token); status != 200 {
				t.Errorf("%s: %d after it came back", name, status)
			}
			time.Sleep(20 * time.Hour)
			i.down = errors.New("no route")
			status, _ := p.open(token)
			if want := map[string]int{"JWT": 200, "introspection": 503}[name]; status != want {
				t.Errorf("%s: %d within a day without the issuer, want %d", name, status, want)
			}
			time.Sleep(20 * time.Hour)
			p.refused(name+", away for more than a day", token, 503, "")
		}
	})
}

func TestWhoIsNotAskedStaysOut(t *testing.T) {
	w := httptest.NewRecorder()
	Require("mfa")(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("let in") })).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 {
		t.Errorf("Require without a Verifier: %d", w.Code)
	}
}

func TestWhatNothingProtectsCostsNothing(t *testing.T) {
	i := newIssuer()
	v, err := New(iss, Introspection("api", secret), HTTPClient(&http.Client{Transport: i}))
	if err != nil {
		t.Fatal(err)
	}
	i.says["tok"] = active()
	open := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if FromContext(r.Context()) != nil {
			t.Error("a token that nobody verified")
		}
	})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer tok")
	v.Handler(open).ServeHTTP(httptest.NewRecorder(), r)
	if len(i.asked) != 0 {
		t.Errorf("asked: %v", i.asked)
	}
	twice := Require("sfa")(Require("mfa", Scope("dns"))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	for range 3 {
		w := httptest.NewRecorder()
		if v.Handler(twice).ServeHTTP(w, r); w.Code != 200 {
			t.Errorf("%d %v", w.Code, w.Header())
		}
	}
	if n := i.count("/introspect"); n != 3 { // one for each request: nothing is kept from one to the next
		t.Errorf("three requests behind two requirements asked %d times", n)
	}
}

func TestMistakesOfThePanelAreToldAtItsStart(t *testing.T) {
	for name, f := range map[string]func(){
		"no level":       func() { Require("") },
		"two levels":     func() { Require("mfa phr") },
		"a quote":        func() { Require(`m"fa`) },
		"no age":         func() { MaxAge(0) },
		"half a second":  func() { MaxAge(1500 * time.Millisecond) },
		"before its own": func() { MaxAge(-time.Minute) },
		"no scope":       func() { Scope() },
		"two scopes":     func() { Scope("dns billing") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
	for name, make := range map[string]func() (*Verifier, error){
		"http":               func() (*Verifier, error) { return New("http://sso.example.test", JWT("panel")) },
		"no address":         func() (*Verifier, error) { return New("sso.example.test", JWT("panel")) },
		"nothing":            func() (*Verifier, error) { return New("", JWT("panel")) },
		"a query":            func() (*Verifier, error) { return New(iss+"?a=b", JWT("panel")) },
		"no way":             func() (*Verifier, error) { return New(iss, Tokens{}) },
		"an empty client":    func() (*Verifier, error) { return New(iss, JWT("")) },
		"an empty secret":    func() (*Verifier, error) { return New(iss, Introspection("api", "")) },
		"an empty audience":  func() (*Verifier, error) { return New(iss, JWT("panel"), Audience("")) },
		"a level that twice": func() (*Verifier, error) { return New(iss, JWT("panel"), Order("sfa", "mfa", "sfa")) },
	} {
		if v, err := make(); err == nil {
			t.Errorf("%s: %+v", name, v)
		}
	}
	for _, dev := range []string{"http://localhost:8480", "http://sso.localhost:8480", "http://127.0.0.1:1", "http://[::1]:1"} {
		if _, err := New(dev, JWT("panel")); err != nil {
			t.Error(err)
		}
	}
}
