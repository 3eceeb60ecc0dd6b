package certification_test

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/net/html"
)

func TestBackChannelLogout(t *testing.T)  { run(t, backChannel, plan{client: "back-channel"}) }
func TestFrontChannelLogout(t *testing.T) { run(t, frontChannel, plan{client: "front-channel"}) }

// backChannel are the lines of the plan Back-Channel Logout.
var backChannel = []line{
	{"discovery says that it is supported, with sessions", func(t *try) {
		if doc := metadata(t.T); doc["backchannel_logout_supported"] != any(true) || doc["backchannel_logout_session_supported"] != any(true) {
			t.Errorf("%v", doc)
		}
	}},
	{"the token has iss, aud, iat, exp, jti, sub and sid, and events with exactly one member", func(t *try) {
		got, one := t.toldOf()
		token := verify(t.T, one.token, jose.RS256)
		for _, name := range []string{"iss", "aud", "iat", "exp", "jti", "sub", "sid", "events"} {
			if token[name] == nil {
				t.Errorf("it lacks %s", name)
			}
		}
		if events, _ := json.Marshal(token["events"]); string(events) != `{"http://schemas.openid.net/event/backchannel-logout":{}}` {
			t.Errorf("events %s", events)
		}
		if token["sub"] != got.claims["sub"] || token["sid"] != got.claims["sid"] {
			t.Errorf("%v, of %v", token, got.claims)
		}
		now, iat, exp := float64(time.Now().Unix()), token["iat"].(float64), token["exp"].(float64)
		if iat > now+1 || exp <= now || exp-iat > 120 {
			t.Errorf("from %v to %v, now %v", iat, exp, now)
		}
	}},
	{"the token has no nonce", func(t *try) {
		if _, one := t.toldOf(); payload(one.token)["nonce"] != nil {
			t.Error("it has one")
		}
	}},
	{"the token has the typ logout+jwt", func(t *try) {
		_, one := t.toldOf()
		jws, err := jose.ParseSignedCompact(one.token, []jose.SignatureAlgorithm{jose.RS256})
		if err != nil || jws.Signatures[0].Header.ExtraHeaders[jose.HeaderType] != any("logout+jwt") {
			t.Errorf("%v, %v", jws, err)
		}
	}},
	{"it is posted as a form", func(t *try) {
		if _, one := t.toldOf(); one.method != http.MethodPost || one.contentType != "application/x-www-form-urlencoded" {
			t.Errorf("%s %s", one.method, one.contentType)
		}
	}},
	{"by TLS 1.2 or later, which is all that our own listener speaks", func(t *try) {
		if _, one := t.toldOf(); one.tls < tls.VersionTLS12 {
			t.Errorf("version %x", one.tls)
		}
		s := started(t.T)
		old := &tls.Config{RootCAs: s.roots, ServerName: "sso.example.it", MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
		if conn, err := tls.Dial("tcp", s.address, old); err == nil {
			conn.Close()
			t.Error("TLS 1.1 is spoken")
		}
	}},
	{"the redirect does not wait for the panel", func(t *try) {
		got := t.signs()
		redirected, asked := make(chan struct{}), make(chan struct{})
		theSuite.mu.Lock()
		theSuite.hold[got.claims["sid"].(string)] = func() { close(asked); <-redirected }
		theSuite.mu.Unlock()
		t.signsOut("id_token_hint", got.id, "post_logout_redirect_uri", theSuite.bye()) // for ever, if it waited
		t.back("")
		close(redirected)
		<-asked
	}},
}

// toldOf signs in and out, and returns what the panel's server was told.
func (t *try) toldOf() (*signed, told) {
	t.Helper()
	got := t.signs()
	t.signsOut("id_token_hint", got.id, "post_logout_redirect_uri", theSuite.bye())
	t.back("")
	for range 400 {
		theSuite.mu.Lock()
		at := slices.IndexFunc(theSuite.back, func(one told) bool { return payload(one.token)["sid"] == got.claims["sid"] })
		var one told
		if at >= 0 {
			one = theSuite.back[at]
		}
		theSuite.mu.Unlock()
		if at >= 0 {
			return got, one
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("nobody was told")
	return nil, told{}
}

// frontChannel are the lines of the plan Front-Channel Logout.
var frontChannel = []line{
	{"discovery says that it is supported, with sessions", func(t *try) {
		if doc := metadata(t.T); doc["frontchannel_logout_supported"] != any(true) || doc["frontchannel_logout_session_supported"] != any(true) {
			t.Errorf("%v", doc)
		}
	}},
	{"the page loads the panel's address in a frame, with iss and sid of the ID token", func(t *try) {
		got := t.signs()
		t.signsOut("id_token_hint", got.id, "post_logout_redirect_uri", theSuite.bye())
		loaded := t.frames()
		want := theSuite.url() + alias + "/frontchannel_logout?" + url.Values{"iss": {issuer}, "sid": {got.claims["sid"].(string)}}.Encode()
		if !slices.Equal(loaded, []string{want}) {
			t.Fatalf("frames %q, want %q", loaded, want)
		}
		status, _, _ := call(t.T, http.MethodGet, loaded[0], nil, nil)
		theSuite.mu.Lock()
		defer theSuite.mu.Unlock()
		if status != http.StatusOK || !slices.ContainsFunc(theSuite.front, func(q url.Values) bool { return q.Get("sid") == got.claims["sid"] && q.Get("iss") == issuer }) {
			t.Errorf("%d, the panel saw %v", status, theSuite.front)
		}
	}},
	{"then it leads back with the state", func(t *try) {
		t.signsOut("id_token_hint", t.signs().id, "post_logout_redirect_uri", theSuite.bye(), "state", "front")
		t.back("front")
		if link := t.byID("continue"); link == nil || attr(link, "href") != theSuite.bye()+"?state=front" {
			t.Errorf("no link to it:\n%s", t.body)
		}
		t.over()
	}},
	{"only panels of this session are in frames", func(t *try) {
		t.signs()
		other := t.again()
		other.client = "first"
		other.signsOut("id_token_hint", other.signs().id, "post_logout_redirect_uri", theSuite.bye())
		other.back("")
		if other.res.StatusCode != http.StatusFound || len(other.frames()) > 0 {
			t.Errorf("%s %q", other.res.Status, other.frames())
		}
		t.silent("prompt", "none")
	}},
	{"the policy of the page names the panel's origin and nothing more", func(t *try) {
		t.signsOut("id_token_hint", t.signs().id, "post_logout_redirect_uri", theSuite.bye())
		policy := t.res.Header.Get("Content-Security-Policy")
		if !strings.HasSuffix(policy, "; frame-src "+theSuite.url()) || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s", policy)
		}
	}},
}

// frames are the addresses that the last page loads in frames.
func (b *browser) frames() (list []string) {
	for n := range b.doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "iframe" {
			list = append(list, attr(n, "src"))
		}
	}
	return list
}
