package servertest_test

import (
	"context"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// counting counts how often the sessions are counted.
type counting struct {
	storage.Store
	asked int
}

func (c *counting) LiveSessions(ctx context.Context, now time.Time) (int, error) {
	c.asked++
	return c.Store.LiveSessions(ctx, now)
}

func TestMetricsCountSessionsAtMostOnceAMinute(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		db := &counting{Store: w.Store}
		s, err := server.New(t.Context(), server.Options{Config: w.Config, Store: db, Memory: w.Memory, Transport: w.Net})
		if err != nil {
			t.Fatal(err)
		}
		active := func(when, count string) {
			t.Helper()
			for range 10 {
				want(t, when, number(t, s, "soglia_sessions_active"), count)
			}
		}
		active("nobody", "0")
		var inside []*servertest.Browser
		for _, p := range []*servertest.Person{w.U2, w.V, w.U2} {
			b := w.Browser(p.Username)
			b.Open(w.RP1.Login()).WantStep("login")
			b.Fill("User name or e-mail", p.Username).Fill("Password", p.Password).Submit("login-submit")
			inside = append(inside, b)
		}
		active("within the minute", "0")
		time.Sleep(time.Minute)
		active("a minute later", "3")
		inside[0].Open("https://" + servertest.SSO + "/end_session").Submit("logout-confirm")
		time.Sleep(time.Minute)
		active("one has gone", "2")
		want(t, "statements for forty scrapes", db.asked, 3)
		time.Sleep(w.Config.Sessions.Idle + time.Minute)
		active("idle for too long", "0")
	})
}

func TestMetricsTellHowLongACodeWasOnItsWay(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Open(w.RP1.Login()).WantStep("login")
		b.Fill("User name or e-mail", w.U2.Username).Fill("Password", w.U2.Password).Submit("login-submit")
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		time.Sleep(7 * time.Second) // nobody works
		b.GiveCode(w.Code(w.U2.Email))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		for line, value := range map[string]string{
			`soglia_otp_delivery_seconds_bucket{channel="email",driver="outbox",le="5"}`:  "0",
			`soglia_otp_delivery_seconds_bucket{channel="email",driver="outbox",le="10"}`: "1",
			`soglia_otp_sent_total{channel="email",driver="outbox",result="sent"}`:        "1",
		} {
			want(t, line, number(t, w.Server, line), value)
		}
	})
}

// names of the series that a wrong code, a storm of strangers or many people must not multiply.
var ourSeries = regexp.MustCompile(`(?m)^soglia_(otp|stepups|sessions|logins)[^ ]*`)

func TestMetricsGrowWithTheConfigurationOnly(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		round := func(p *servertest.Person) []string {
			b := w.Browser(p.Username)
			b.Open(w.RP1.Login()).WantStep("login")
			b.Fill("User name or e-mail", p.Username).Fill("Password", p.Password).Submit("login-submit")
			b.Open(w.RP1.Login("acr_values", "urn:"+p.Username+" mfa")).WantStep("otp")
			b.GiveCode("000000")
			b.GiveCode(w.Code(p.Email))
			return ourSeries.FindAllString(ask(w.Server, "GET", "/metrics").Body.String(), -1)
		}
		one, two := round(w.U2), round(w.V)
		if len(one) == 0 || !slices.Equal(one, two) {
			t.Errorf("another person, another %d series than\n%q\n%q", len(two)-len(one), one, two)
		}
	})
}
