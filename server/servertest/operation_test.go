package servertest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
)

// ask asks the admin listener, as curl on the machine would.
func ask(s *server.Server, method, path string, header ...string) *httptest.ResponseRecorder {
	verdict := server.Verdict{Text: "soglia.yaml:1:1: no"}
	r := httptest.NewRequest(method, "http://localhost"+path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.Admin(func(context.Context, *server.Operator) server.Verdict { return verdict }).ServeHTTP(w, r)
	return w
}

func TestW12NothingOfTheAdminListenerIsOnThePublicPort(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for _, path := range []string{"/healthz", "/readyz", "/metrics", "/reload", "/debug/pprof/", "/debug/vars", "/admin", "/status"} {
			for _, method := range []string{"GET", "POST"} {
				r, err := http.NewRequestWithContext(t.Context(), method, "https://"+servertest.SSO+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := w.Net.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode != http.StatusNotFound {
					t.Errorf("%s %s: %d", method, path, resp.StatusCode)
				}
			}
		}
	})
}

// W12: what a network may know of the health is one word. Why, and all else, is the admin listener's.
func TestW12TheHealthListenerSaysOneWord(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		health := w.Server.Health()
		get := func(method, path string) *httptest.ResponseRecorder {
			rec := httptest.NewRecorder()
			health.ServeHTTP(rec, httptest.NewRequest(method, "http://10.0.0.7:9090"+path, nil))
			return rec
		}
		for path, said := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
			if a := get("GET", path); a.Code != 200 || a.Body.String() != said {
				t.Errorf("%s: %d %q", path, a.Code, a.Body)
			}
			if a := get("POST", path); a.Code != 405 {
				t.Errorf("POST %s: %d", path, a.Code)
			}
		}
		for _, row := range w.Server.Routes() {
			path := strings.NewReplacer("{id}", "x", "{provider}", "social", "{$}", "").Replace(row.Pattern)
			if a := get("GET", path); a.Code != 404 {
				t.Errorf("%s: %d", path, a.Code)
			}
		}
		for _, path := range []string{"/metrics", "/reload", "/debug/pprof/", "/healthz/", "/readyz/x"} {
			if a := get("GET", path); a.Code != 404 {
				t.Errorf("%s: %d", path, a.Code)
			}
		}
		w.Server.Stopping()
		if a := get("GET", "/readyz"); a.Code != 503 || a.Body.String() != "not ready\n" {
			t.Errorf("while it stops: %d %q", a.Code, a.Body)
		}
		if a := get("GET", "/healthz"); a.Code != 200 {
			t.Errorf("it lives while it stops: %d", a.Code)
		}
	})
}

func TestTheAdminListenerIsNotForBrowsers(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for name, header := range map[string][]string{
			"a page of another origin":     {"Origin", "https://evil.test"},
			"a page, however it got there": {"Sec-Fetch-Site", "none"},
			"a name bent to this machine":  {"Host", "evil.test"},
		} {
			if got := ask(w.Server, "POST", "/reload", header...).Code; got != http.StatusForbidden {
				t.Errorf("%s: %d", name, got)
			}
		}
		if got := ask(w.Server, "GET", "/reload").Code; got != http.StatusMethodNotAllowed {
			t.Errorf("GET /reload: %d", got)
		}
		refused := ask(w.Server, "POST", "/reload")
		var v server.Verdict
		if err := json.Unmarshal(refused.Body.Bytes(), &v); err != nil || refused.Code != http.StatusUnprocessableEntity || v.OK || v.Text == "" {
			t.Errorf("a wrong file: %d %q", refused.Code, refused.Body)
		}
	})
}

func TestReadinessTurnsOffAndHealthStaysOn(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		state := func(what string, ready, live int) {
			t.Helper()
			want(t, what+": ready", ask(w.Server, "GET", "/readyz").Code, ready)
			want(t, what+": alive", ask(w.Server, "GET", "/healthz").Code, live)
		}
		state("serving", 200, 200)
		other := w.Second()
		w.Server.Stopping()
		state("stopping", 503, 200)
		want(t, "the other instance", ask(other, "GET", "/readyz").Code, 200)
		b := w.Browser("late")
		b.Open(w.RP1.Login()).WantStep("login") // what still comes is served
	})
}

func TestReadinessNeedsTheDatabase(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		away := &awayStore{Store: w.Store}
		s, err := server.New(t.Context(), server.Options{Config: w.Config, Store: away, Memory: w.Memory, Transport: w.Net})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "there", ask(s, "GET", "/readyz").Code, 200)
		away.gone = true
		got := ask(s, "GET", "/readyz")
		want(t, "away", got.Code, 503)
		if !strings.Contains(got.Body.String(), "database") {
			t.Errorf("why: %q", got.Body)
		}
		metrics := ask(s, "GET", "/metrics")
		want(t, "metrics without a database", metrics.Code, 200)
		if !strings.Contains(metrics.Body.String(), "soglia_build_info") {
			t.Error("what could be told was not")
		}
	})
}

func TestAReloadIsInForceAtOnceAndSignsNobodyOut(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Open(w.RP1.Login()).WantStep("login")
		b.Fill("User name or e-mail", w.U2.Username).Fill("Password", w.U2.Password).Submit("login-submit")
		begun := w.Browser("half way")
		begun.Open(w.RP1.Login()).WantStep("login")

		next := *w.Config
		next.Branding.Name = "Another Name"
		next.Clients = maps.Clone(w.Config.Clients)
		delete(next.Clients, "panel2")
		if err := w.Server.Reload(&next); err != nil {
			t.Fatal(err)
		}
		b.Open(w.RP1.Login("prompt", "none"))
		if got := w.RP1.Last(); got.Error != "" {
			t.Errorf("the session is gone: %s", got.Error)
		}
		begun.Fill("User name or e-mail", w.U2.Username).Fill("Password", w.U2.Password).Submit("login-submit")
		if got := w.RP1.Last(); got.Error != "" {
			t.Errorf("a sign-in under way: %s", got.Error)
		}
		w.Browser("new").Open(w.RP1.Login()).WantText("Another Name")
		w.Browser("stranger").Open(w.RP2.Login()).WantStatus(400) // a client that is no more
	})
}

func TestAReloadThatCannotBeKeepsTheOldConfigurationWhole(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for key, change := range map[string]func(*config.Config){
			"issuer":             func(c *config.Config) { c.Issuer = "https://other.example.test" },
			"listen":             func(c *config.Config) { c.Listen = "127.0.0.1:1" },
			"admin":              func(c *config.Config) { c.Admin = "unix:/elsewhere" },
			"storage":            func(c *config.Config) { c.Storage.URL = "sqlite:elsewhere" },
			"secrets.master_key": func(c *config.Config) { c.MasterKey = []byte(strings.Repeat("another key ", 4)) },
		} {
			next := *w.Config
			next.Branding.Name = "Never Seen"
			change(&next)
			if err := w.Server.Reload(&next); !errors.Is(err, server.ErrRestart) || !strings.Contains(err.Error(), key) {
				t.Errorf("%s: %v", key, err)
			}
		}
		next := *w.Config
		next.Branding.Name = "Never Seen"
		next.Channels = config.Channels{"email": {{Driver: "pigeon"}}}
		if err := w.Server.Reload(&next); err == nil {
			t.Error("a driver that is none was put in force")
		}
		w.Browser("dora").Open(w.RP1.Login()).WantStep("login").WantText(w.Config.Branding.Name)
	})
}

func TestWorkersMoveWithAReload(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Server.Run(ctx) }()
		for range 3 {
			next := *w.Config
			if err := w.Server.Reload(&next); err != nil {
				t.Fatal(err)
			}
			b := w.Browser("dora")
			b.Open(w.RP1.Login()).WantStep("login")
			b.Fill("User name or e-mail", w.U2.Username).Fill("Password", w.U2.Password).Submit("login-submit")
			b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa")).WantStep("otp")
			time.Sleep(5 * time.Second) // the worker's time, not ours
			b.GiveCode(w.Code(w.U2.Email))
			want(t, "acr", w.RP1.Last().Acr(), "mfa")
			time.Sleep(time.Minute)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		sent := fmt.Sprint(len(w.Memory.All()))
		if got := number(t, w.Server, `soglia_messages_total{channel="email",driver="outbox",result="sent"}`); got != sent {
			t.Errorf("%s messages counted before and after the reload, want %s", got, sent)
		}
	})
}

func TestMetricsTellWhatTheAuditTellsAndOfNobody(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Open(w.RP1.Login()).WantStep("login")
		b.Fill("User name or e-mail", w.U2.Username).Fill("Password", "quite wrong").Submit("login-submit")
		b.Fill("Password", w.U2.Password).Submit("login-submit")
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa")).WantStep("otp")
		b.GiveCode("000000")
		b.GiveCode(w.Code(w.U2.Email))
		w.Browser("stranger").Open("https://" + servertest.SSO + "/<script>/" + w.U2.Username)
		for line, want := range map[string]string{
			`soglia_logins_total{method="pwd",result="ok"}`:                          "1",
			`soglia_logins_total{method="pwd",result="wrong"}`:                       "1",
			`soglia_stepups_total{acr="mfa",client="panel",result="ok"}`:             "1",
			`soglia_stepups_total{acr="mfa",client="panel",result="fail"}`:           "1",
			`soglia_otp_sent_total{channel="email",driver="outbox",result="queued"}`: "1",
			`soglia_otp_sent_total{channel="email",driver="outbox",result="sent"}`:   "1",
			`soglia_otp_delivery_seconds_count{channel="email",driver="outbox"}`:     "1",
			`soglia_sessions_active`:                                                           "1",
			`soglia_otp_verify_total{channel="email",result="ok"}`:                             "1",
			`soglia_otp_verify_total{channel="email",result="wrong"}`:                          "1",
			`soglia_tokens_issued_total{grant="authorization_code"}`:                           "2",
			`soglia_outbox_depth`:                                                              "0",
			`soglia_http_request_duration_seconds_count{code="404",method="GET",route="none"}`: "1",
		} {
			if got := number(t, w.Server, line); got != want {
				t.Errorf("%s is %q, want %s", line, got, want)
			}
		}
		all := ask(w.Server, "GET", "/metrics").Body.String()
		for _, secret := range []string{w.U2.Username, w.U2.Email, "<script", "%3C", "192.0.2."} {
			if strings.Contains(all, secret) {
				t.Errorf("metrics tell %q", secret)
			}
		}
		for _, name := range []string{"soglia_signing_key_age_seconds", "soglia_config_last_reload_success_timestamp_seconds", "soglia_build_info"} {
			if !strings.Contains(all, "\n"+name) {
				t.Errorf("no %s", name)
			}
		}
	})
}

// number reads one line of /metrics.
func number(t *testing.T, s *server.Server, line string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(line) + ` (\S+)$`).FindStringSubmatch(ask(s, "GET", "/metrics").Body.String())
	if m == nil {
		return ""
	}
	return m[1]
}
