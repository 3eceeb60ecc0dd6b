package federation

import (
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
)

func TestASignInAtAProvider(t *testing.T) {
	b := newBench(t)
	to := b.begin(Ask{})
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"client_id": clientID, "redirect_uri": callback, "response_type": "code", "scope": "openid email profile",
		"code_challenge_method": "S256", "prompt": "", "max_age": "", "login_hint": "",
	} {
		if got := q.Get(name); got != want {
			t.Errorf("%s = %q", name, got)
		}
	}
	if len(q.Get("state")) < 43 || len(q.Get("nonce")) < 43 || q.Get("state") == q.Get("nonce") || q.Get("code_challenge") == "" {
		t.Errorf("%s", to)
	}
	before := time.Now().Add(-time.Second).Truncate(time.Second)
	i, request, err := b.finish(b.idp.authorize(to))
	if err != nil {
		t.Fatal(err)
	}
	if i.AuthTime.Before(before) {
		t.Errorf("auth_time %v", i.AuthTime)
	}
	i.AuthTime = time.Time{}
	want := &Identity{
		Provider: "idp", Subject: "248289761001", Emails: []Email{{Address: "Mario@Gmail.com", Verified: true}}, Name: Name{Name: "Mario Rossi"},
		Acr: "loa2", Amr: []string{"pwd", "otp"},
	}
	if diff := cmp.Diff(want, i); diff != "" {
		t.Error(diff)
	}
	if request != "request" {
		t.Errorf("%q", request)
	}
	if b.idp.secret != "basic soglia s3cret" {
		t.Errorf("client authentication: %s", b.idp.secret)
	}
}

func TestReauthenticationIsAskedFor(t *testing.T) {
	b := newBench(t)
	age := 90 * time.Second
	to := b.begin(Ask{Prompt: "login", MaxAge: &age, LoginHint: "mario@gmail.com", UILocales: "it"})
	q, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"prompt": "login", "max_age": "90", "login_hint": "mario@gmail.com", "ui_locales": "it"} {
		if got := q.Query().Get(name); got != want {
			t.Errorf("%s = %q", name, got)
		}
	}
	if _, _, err := b.finish(b.idp.authorize(to)); err != nil {
		t.Error(err)
	}
}

func TestTheRowHoldsNothingReadable(t *testing.T) {
	b := newBench(t)
	to, row, err := b.Begin(t.Context(), "idp", Ask{Request: "request id", BrowserHash: browser, Lifetime: time.Minute, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(to)
	all := string(row.StateHash) + hex.EncodeToString(row.StateHash) + row.RequestID + string(row.Sealed)
	for _, s := range []string{u.Query().Get("state"), u.Query().Get("nonce"), "request id"} {
		if strings.Contains(all, s) {
			t.Errorf("%q is in the row", s)
		}
	}
	if row.Expires.Sub(row.Created) != time.Minute {
		t.Errorf("lasts %v", row.Expires.Sub(row.Created))
	}
}

func TestK08TheStateIsOfThisBrowserProviderAndMoment(t *testing.T) {
	for name, change := range map[string]func(*Callback, *string){
		"missing":        func(c *Callback, _ *string) { c.Values.Del("state") },
		"foreign":        func(c *Callback, _ *string) { c.Values.Set("state", secret.New("")) },
		"twice":          func(c *Callback, _ *string) { c.Values.Add("state", c.Values.Get("state")) },
		"megabytes":      func(c *Callback, _ *string) { c.Values.Set("state", strings.Repeat("s", 1<<20)) },
		"other browser":  func(c *Callback, _ *string) { c.BrowserHash = secret.Hash("another") },
		"no browser":     func(c *Callback, _ *string) { c.BrowserHash = nil },
		"other provider": func(_ *Callback, p *string) { *p = "other" },
		"expired":        func(c *Callback, _ *string) { c.Now = c.Now.Add(31 * time.Minute) },
		"code twice":     func(c *Callback, _ *string) { c.Values.Add("code", "x") },
		"iss twice":      func(c *Callback, _ *string) { c.Values.Add("iss", issuer) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			values := b.idp.authorize(b.begin(Ask{}))
			c, provider := Callback{Values: values, BrowserHash: browser, Now: time.Now()}, "idp"
			good := url.Values{}
			for k, v := range values {
				good[k] = append([]string(nil), v...)
			}
			change(&c, &provider)
			if i, request, err := b.Finish(t.Context(), b.store, provider, c); !errors.Is(err, ErrInvalid) || i != nil || request != "" {
				t.Errorf("%v, %q, %v", i, request, err)
			}
			if b.idp.count("/token") != 0 {
				t.Error("the provider was asked")
			}
			// A stranger's attempt did not spoil the person's own.
			if _, _, err := b.finish(good); err != nil {
				t.Errorf("the right callback afterwards: %v", err)
			}
		})
	}
}

func TestK08AStateIsGoodOnce(t *testing.T) {
	b := newBench(t)
	values := b.idp.authorize(b.begin(Ask{}))
	var won, lost atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			switch _, _, err := b.finish(values); {
			case err == nil:
				won.Add(1)
			case errors.Is(err, ErrInvalid):
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || lost.Load() != 15 {
		t.Errorf("%d won, %d lost", won.Load(), lost.Load())
	}
}

func TestK08AnswersOfTheWrongKind(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*idp, url.Values)
		want   error
	}{
		"iss of another (mix-up)":      {func(_ *idp, v url.Values) { v.Set("iss", "https://evil.example") }, ErrInvalid},
		"iss missing though announced": {func(_ *idp, v url.Values) { v.Del("iss") }, ErrInvalid},
		"neither code nor error":       {func(_ *idp, v url.Values) { v.Del("code") }, ErrInvalid},
		"code of another client":       {func(_ *idp, v url.Values) { v.Set("code", "stolen") }, ErrInvalid},
		"cancelled":                    {func(_ *idp, v url.Values) { v.Set("error", "access_denied") }, ErrDenied},
		"cancelled, iss of another":    {func(_ *idp, v url.Values) { v.Set("error", "access_denied"); v.Set("iss", "https://evil.example") }, ErrInvalid},
		"login required":               {func(_ *idp, v url.Values) { v.Set("error", "login_required") }, ErrDenied},
		"down by its own word":         {func(_ *idp, v url.Values) { v.Set("error", "temporarily_unavailable") }, ErrUnavailable},
		"error with markup":            {func(_ *idp, v url.Values) { v.Set("error", "<img src=x onerror=alert(1)>\r\nSet-Cookie: a=b") }, ErrInvalid},
		"error with a megabyte":        {func(_ *idp, v url.Values) { v.Set("error", strings.Repeat("é", 1<<19)) }, ErrInvalid},
		"error and code":               {func(_ *idp, v url.Values) { v.Set("error", "invalid_request") }, ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			values := b.idp.authorize(b.begin(Ask{}))
			c.change(b.idp, values)
			i, request, err := b.finish(values)
			if !errors.Is(err, c.want) || i != nil || request == "" {
				t.Errorf("%v, %q, %v", i, request, err)
			}
			if err != nil && (len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\r\n")) {
				t.Errorf("unfit for a log line: %.80q…", err)
			}
		})
	}
}

func TestAnIssuerThatAnnouncesNoIssParameterNeedNotSendIt(t *testing.T) {
	for iss, want := range map[string]error{"": nil, issuer: nil, "https://evil.example": ErrInvalid} {
		b := newBench(t)
		b.idp.document = func(d claimSet) { delete(d, "authorization_response_iss_parameter_supported") }
		values := b.idp.authorize(b.begin(Ask{}))
		values.Set("iss", iss)
		if _, _, err := b.finish(values); !errors.Is(err, want) {
			t.Errorf("iss %q: %v", iss, err)
		}
	}
}

func TestUnknownProvidersAndSettingsThatCannotBe(t *testing.T) {
	b := newBench(t)
	if _, _, err := b.Begin(t.Context(), "nobody", Ask{}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if _, _, err := b.Finish(t.Context(), b.store, "nobody", Callback{}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	good := Settings{Name: "x", Type: "oidc", Issuer: issuer, ClientID: "c", RedirectURI: callback}
	for name, change := range map[string]func(*Settings){
		"type":           func(s *Settings) { s.Type = "saml" },
		"plain http":     func(s *Settings) { s.Issuer = "http://idp.example" },
		"no URL":         func(s *Settings) { s.Issuer = "idp" },
		"user in URL":    func(s *Settings) { s.Issuer = "https://a@idp.example" },
		"no client id":   func(s *Settings) { s.ClientID = "" },
		"no callback":    func(s *Settings) { s.RedirectURI = "" },
		"http localhost": func(s *Settings) { s.Issuer = "http://idp.localhost" },
	} {
		s := good
		change(&s)
		if _, err := New([]Settings{s}, nil, outbound.New(outbound.Options{})); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	good.Issuer = "http://idp.localhost:8080"
	if _, err := New([]Settings{good}, nil, outbound.New(outbound.Options{Loopback: true})); err != nil {
		t.Errorf("dev: %v", err)
	}
}
