package main

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

func at(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestSecureCookiesLiveOnLoopbackAsInBrowsers(t *testing.T) {
	host := &http.Cookie{Name: "__Host-s", Value: "1", Secure: true, Path: "/"}
	for address, kept := range map[string]bool{
		"http://127.0.0.1:8480/login/x": true, "http://sso.localhost/login/x": true, "http://[::1]:80/a": true, "https://sso.example/a": true,
		"http://sso.example/a": false, "http://192.0.2.1/a": false,
	} {
		j := newJar()
		j.SetCookies(at(t, address), []*http.Cookie{host})
		if got := len(j.Cookies(at(t, address))) == 1; got != kept {
			t.Errorf("%s: kept %v, want %v", address, got, kept)
		}
	}
}

func TestJarObeysPathsPromisesAndEnds(t *testing.T) {
	j, u := newJar(), at(t, "https://sso.example/login/a/password")
	j.SetCookies(u, []*http.Cookie{
		{Name: "here", Value: "1"}, {Name: "all", Value: "1", Path: "/"}, {Name: "other", Value: "1", Path: "/login/b"},
		{Name: "__Host-broken", Value: "1", Secure: true, Path: "/login"},
	})
	names := func(address string) (s string) {
		for _, c := range j.Cookies(at(t, address)) {
			s += c.Name + " "
		}
		return s
	}
	for address, want := range map[string]string{
		"https://sso.example/login/a/code": "here all ", "https://sso.example/login/ab": "all ", "https://sso.example/login/b": "all other ",
		"https://panel.example/login/a": "",
	} {
		if got := names(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	j.SetCookies(u, []*http.Cookie{{Name: "all", Path: "/", MaxAge: -1}, {Name: "here", Path: "/login/a", Expires: time.Unix(1, 0)}})
	if got := names("https://sso.example/login/a/code"); got != "" {
		t.Errorf("ended, yet sent: %q", got)
	}
}

func TestMetaRefreshIsFollowedAtOnceOnly(t *testing.T) {
	for page, want := range map[string]string{
		`<meta http-equiv="refresh" content="0; url=https://panel.example/cb?code=a&amp;state=b">`: "https://panel.example/cb?code=a&state=b",
		`<meta charset="utf-8"><META content='0;URL=/next' http-equiv='Refresh'>`:                  "/next",
		`<meta http-equiv="refresh" content="5; url=/later">`:                                      "",
		`<meta http-equiv="refresh" content="0">`:                                                  "",
	} {
		if got, _ := refresh([]byte(page)); got != want {
			t.Errorf("%s: %q, want %q", page, got, want)
		}
	}
}

func TestThePasswordFormIsChosenBeforeAProvidersButton(t *testing.T) {
	page := `<form method="post" action="/social/google"><button name="provider" value="google">G</button></form>
		<form method="post" action="/login/x/password"><input name="username" type="text"><input name="password" type="password"><button>In</button></form>
		<form method="post" action="/login/x/cancel"><button>No</button></form>`
	br := &browser{b: &bench{cfg: Config{Password: "pw"}}, user: "ugo"}
	action, method, v, err := br.fill([]byte(page))
	if err != nil || action != "/login/x/password" || method != http.MethodPost || v.Encode() != "password=pw&username=ugo" {
		t.Errorf("%s %s %s %v", method, action, v.Encode(), err)
	}
}

// The vectors of RFC 6238 appendix B for SHA-1, last six digits.
func TestAppCodes(t *testing.T) {
	for seconds, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		got, err := appCode("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", time.Unix(seconds, 0))
		if err != nil || got != want {
			t.Errorf("%d: %s %v, want %s", seconds, got, err, want)
		}
	}
}
