package servertest_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// ear is the back channel of a panel: it verifies what it is told with a library that is not ours.
type ear struct {
	w    *servertest.World
	rp   *servertest.RP
	mu   sync.Mutex
	raw  []string
	said []*oidc.LogoutToken
}

const panelEar, panel2Ear = "back.panel.example.test", "back.panel2.example.test"

func withEars(f *config.File) {
	for i := range f.Clients {
		switch f.Clients[i].ID {
		case "panel":
			f.Clients[i].BackchannelLogoutURI = "https://" + panelEar + "/logout?from=sso"
		case "panel2":
			f.Clients[i].BackchannelLogoutURI = "https://" + panel2Ear + "/logout"
		}
	}
}

func listen(w *servertest.World, host string, rp *servertest.RP) *ear {
	e := &ear{w: w, rp: rp}
	w.Net.Handle(host, e)
	return e
}

func (e *ear) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	raw := r.PostFormValue("logout_token")
	ctx := oidc.ClientContext(r.Context(), &http.Client{Transport: e.w.Net})
	token, err := e.rp.Provider().VerifierContext(ctx, &oidc.Config{ClientID: e.rp.Client, Now: time.Now}).VerifyLogout(ctx, raw)
	if err != nil || r.Method != http.MethodPost {
		e.w.T.Errorf("the panel does not believe it: %v", err)
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.raw, e.said = append(e.raw, raw), append(e.said, token)
	rw.WriteHeader(http.StatusOK)
}

// heard delivers, and returns the sids that came since the last call.
func (e *ear) heard() (sids []string) {
	e.w.T.Helper()
	e.w.Deliver()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, token := range e.said {
		sids = append(sids, token.SessionID)
	}
	e.said = nil
	return sids
}

func sidOf(t *testing.T, got *servertest.Result) string {
	t.Helper()
	sid, _ := got.Claims["sid"].(string)
	if sid == "" {
		t.Fatal("an ID token without sid")
	}
	return sid
}

// D11: whoever redeemed a code on a session is told when it ends, once, by sid and sub, whatever ended it, and the
// person's own redirect does not wait for it.
func TestD11PanelsAreToldThatAStayIsOver(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		first, second := listen(w, panelEar, w.RP1), listen(w, panel2Ear, w.RP2)
		var doc struct {
			Back    bool `json:"backchannel_logout_supported"`
			Session bool `json:"backchannel_logout_session_supported"`
		}
		if err := w.RP1.Provider().Claims(&doc); err != nil || !doc.Back || !doc.Session {
			t.Errorf("discovery: %+v, %v", doc, err)
		}

		t.Log("sign-out at a panel")
		b := w.Browser("dora")
		got := w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP2.Login())
		other := w.RP2.Last()
		b.Open(w.RP3.Login()) // has no address
		b.Open(w.RP1.Login())
		b.Open(w.RP1.SignOut("id_token_hint", got.RawIDToken(), "post_logout_redirect_uri", "https://"+servertest.Panel+"/"))
		if n := len(w.Net.Seen()); slices.ContainsFunc(w.Net.Seen()[:n], func(x servertest.Exchange) bool { return strings.HasPrefix(x.URL, "https://back.") }) {
			t.Error("the redirect waited for a panel")
		}
		if sids := first.heard(); len(sids) != 1 || sids[0] != sidOf(t, got) {
			t.Errorf("the panel heard of %q, want %q once", sids, sidOf(t, got))
		}
		if sids := second.heard(); len(sids) != 1 || sids[0] != sidOf(t, other) {
			t.Errorf("the other panel heard of %q", sids)
		}
		wellFormed(t, first.raw[0], w.RP1.Client, got)

		t.Log("the person sees who was told")
		later := w.Browser("dora later")
		later.Open("https://" + servertest.SSO + "/account/sessions").SignIn(w.U2)
		if page := later.Text(); !strings.Contains(page, "told on 1 January 2000") || !strings.Contains(page, "cannot be told") {
			t.Errorf("the page says %q", page)
		}

		t.Log("idle")
		b = w.Browser("dora again")
		got = w.SignedIn(b, w.RP1, w.U2)
		time.Sleep(w.Config.Sessions.Idle)
		ctx, stop := context.WithCancel(t.Context())
		running := make(chan error)
		go func() { running <- w.Server.Run(ctx) }()
		time.Sleep(6 * time.Minute) // the sweeper comes every five
		if sids := first.heard(); len(sids) != 1 || sids[0] != sidOf(t, got) {
			t.Errorf("after the idle limit the panel heard of %q", sids)
		}
		stop()
		<-running
		records := w.Records("session.end")
		want(t, "reason", records[0].Reason, "idle")
	}, servertest.With(withEars), servertest.With(func(f *config.File) { f.Sessions.Idle = time.Hour }))
}

// wellFormed reads a logout token as OIDC Back-Channel Logout 1.0 §2.4 wants it.
func wellFormed(t *testing.T, raw, client string, of *servertest.Result) {
	t.Helper()
	part := func(i int) (m map[string]any) {
		text, err := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[i])
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	header, claims := part(0), part(1)
	want(t, "typ", header["typ"], any("logout+jwt"))
	want(t, "sub", claims["sub"], of.Claims["sub"])
	events, _ := json.Marshal(claims["events"])
	want(t, "events", string(events), `{"http://schemas.openid.net/event/backchannel-logout":{}}`)
	if lives := claims["exp"].(float64) - claims["iat"].(float64); lives <= 0 || lives > 120 {
		t.Errorf("it lives for %v s", lives)
	}
	for name := range claims {
		if !slices.Contains([]string{"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}, name) {
			t.Errorf("it has a member %s", name)
		}
	}
	want(t, "aud", claims["aud"], any(client))
	if claims["jti"] == "" {
		t.Error("no jti")
	}
}

// A panel that is down for an hour is told within the retries; one that stays away is given up, and nothing else waits.
func TestD11APanelThatIsDownIsToldLater(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		first, second := listen(w, panelEar, w.RP1), listen(w, panel2Ear, w.RP2)
		ctx, stop := context.WithCancel(t.Context())
		running := make(chan error)
		go func() { running <- w.Server.Run(ctx) }()
		b := w.Browser("dora")
		got := w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP2.Login())
		w.Net.Break(panelEar, servertest.Fault{Delay: time.Minute})
		b.Open(w.RP1.SignOut("id_token_hint", got.RawIDToken()))
		time.Sleep(time.Minute)
		if len(second.heard()) != 1 {
			t.Error("a panel that is up waits for one that hangs")
		}
		again := w.Browser("dora again")
		again.Open(w.RP1.Login("acr_values", "mfa"))
		began := time.Now()
		again.SignIn(w.U2)
		w.Answer(again, w.U2)
		if waited := time.Since(began); waited > 0 { // the bubble's clock
			t.Errorf("a code waited %v for a panel that hangs", waited)
		}
		stop()
		<-running
		later := func(d time.Duration) { // a worker that looks every two seconds for hours costs a minute of the test's time
			for range d / (10 * time.Minute) {
				time.Sleep(10 * time.Minute)
				w.Deliver()
			}
		}
		later(time.Hour)
		w.Net.Mend(panelEar)
		later(6 * time.Hour)
		if sids := first.heard(); len(sids) != 1 || sids[0] != sidOf(t, got) {
			t.Errorf("after an hour the panel hears of %q", sids)
		}
		asked := 0
		for _, x := range w.Net.Seen() {
			if strings.HasPrefix(x.URL, "https://"+panelEar) {
				asked++
			}
		}
		if asked > 5 {
			t.Errorf("asked %d times", asked)
		}
	}, servertest.With(withEars))
}

// Each end by which somebody loses a stay is told, whoever wants it.
func TestD11EveryEndIsTold(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		ear := listen(w, panelEar, w.RP1)
		staff, err := server.NewDesk(w.Config, "operator")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			what string
			end  func(b *servertest.Browser)
		}{
			{"everywhere, by the person", func(b *servertest.Browser) {
				b.Open("https://" + servertest.SSO + "/account/sessions")
				b.Submit("sign-out-everywhere")
			}},
			{"another person in the same browser", func(b *servertest.Browser) {
				b.Open(w.RP2.Login("prompt", "login"))
				b.SignIn(w.U1)
			}},
			{"staff", func(*servertest.Browser) {
				person, err := w.Store.Person(t.Context(), w.U2.ID)
				if err == nil {
					err = w.Store.Tx(t.Context(), func(db storage.Records) error { return staff.Lock(t.Context(), db, person, w.Store.Now()) })
				}
				if err != nil {
					t.Fatal(err)
				}
			}},
		} {
			b := w.Browser(c.what)
			got := w.SignedIn(b, w.RP1, w.U2)
			time.Sleep(time.Second) // ends of one moment are one
			c.end(b)
			if sids := ear.heard(); len(sids) != 1 || sids[0] != sidOf(t, got) {
				t.Errorf("%s: the panel heard of %q", c.what, sids)
			}
		}
	}, servertest.With(withEars))
}
