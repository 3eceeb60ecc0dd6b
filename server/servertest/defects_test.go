package servertest_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

func TestAControlCharacterInAPathIsNotFound(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("x")
		b.Faults = true
		b.Open(w.RP1.Login())
		for _, p := range []string{"%0d%0aX-Evil:1", "%00"} {
			b.Do(http.MethodPost, "/login/"+strings.Split(b.URL().Path, "/")[2]+"/social/"+p, url.Values{})
			want(t, p, b.Status(), 404)
		}
	})
}

func TestAFactorRemovedWhileItsCodeArrives(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		h := &hooked{Store: w.Store}
		s, err := server.New(context.Background(), server.Options{Config: w.Config, Store: h, Memory: w.Memory, Transport: w.Net})
		if err != nil {
			t.Fatal(err)
		}
		w.Route(func(*http.Request) *server.Server { return s })
		b := w.Browser("ugo")
		b.Faults = true
		b.Open(w.RP1.Login()).SignIn(w.U1).WantStep("otp")
		row, err := w.Store.Person(context.Background(), w.U1.ID)
		if err != nil {
			t.Fatal(err)
		}
		h.before = func() {
			w.Store.RemoveFactor(context.Background(), w.U1.ID, row.Factors[0].ID)
			time.Sleep(time.Millisecond) // a code of the same microsecond would be void
		}
		b.GiveCode(w.U1.AppCode())
		want(t, "a server error", b.Status() >= 500, false)
	})
}

// hooked runs something just before the next transaction, as another tab or an operator would.
type hooked struct {
	storage.Store
	before func()
}

func (h *hooked) Tx(ctx context.Context, f func(storage.Records) error) error {
	if b := h.before; b != nil {
		h.before = nil
		b()
	}
	return h.Store.Tx(ctx, f)
}

func TestTheAuditOfAWrongPasswordNamesWhoWasTried(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("x")
		b.Open(w.RP1.Login()).FillID("username", w.V.Username).FillID("password", "wrong wrong wrong").Submit("login-submit")
		want(t, "subject", w.Records("authn.fail")[0].PersonID, w.V.ID)
		time.Sleep(time.Minute)
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("prompt", "login")).FillID("username", w.V.Username).FillID("password", "wrong wrong wrong").Submit("login-submit")
		want(t, "vera's password tried in dora's browser: subject", w.Records("authn.fail")[0].PersonID, w.V.ID)
	})
}

func TestOneCancelIsOneRecord(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp").Submit("cancel")
		denied := w.Records("authz.denied")
		want(t, "records of one cancel", len(denied), 1)
		want(t, "reason", denied[0].Reason, "declined")
		want(t, "person", denied[0].PersonID, w.U2.ID)
		want(t, "client and address", denied[0].ClientID != "" && denied[0].IP != "", true)
	})
}

func TestSkippingAnOfferedFactorDeniesNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		b.Click("Switch on the Authenticator app").GiveCode(w.Code(w.U2.Email)).WantStep("enrol")
		b.Post(b.URL(), "/login/"+strings.Split(b.URL().Path, "/")[2]+"/skip", url.Values{})
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		want(t, "denied, although everything was granted", len(w.Records("authz.denied")), 0)
	})
}

func TestABegunEnrolmentEnds(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		b.Click("Switch on the Authenticator app").GiveCode(w.Code(w.U2.Email)).WantStep("enrol")
		b.Click("Switch on the Authenticator app").WantStep("enrol_totp")
		key, ticket := &servertest.Person{Key: manualKey(t, b)}, ticketOf(b)
		time.Sleep(5 * time.Hour)
		b.Open(w.RP1.Login("acr_values", "mfa", "max_age", "0")).WantStep("otp")
		b.Click("Switch on the Authenticator app").GiveCode(w.Code(w.U2.Email))
		b.Post(b.URL(), "/login/"+strings.Split(b.URL().Path, "/")[2]+"/enrol/confirm", url.Values{"ticket": {ticket}, "otp": {key.AppCode()}})
		want(t, "factors added with a key that was on a screen five hours ago", len(w.Records("factor.added")), 0)
	})
}

func TestTheMaxAgePageShowsNoScopeNames(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("acr_values", "mfa")).GiveCode(w.Code(w.U2.Email))
		time.Sleep(5 * time.Minute)
		b.Open(w.RP1.Login("acr_values", "mfa", "max_age", "0", "scope", "openid profile email")).WantStep("otp")
		if strings.Contains(b.Text(), "openid") {
			t.Errorf("a person reads: %s", b.Text())
		}
	})
}

// RFC 9110 §9.2.1: HEAD is safe. Over all routes, in the midst of a sign-in and signed in, it changes no row.
func TestHEADChangesNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		b.Faults = true // some rows are for programs
		w.SignedIn(b, w.RP1, w.U2)
		b.Do(http.MethodGet, w.RP1.Authorize(url.Values{"acr_values": {"mfa"}}), nil)
		id := strings.Split(b.Header().Get("Location"), "/")[2]
		targets := []string{w.RP1.Authorize(nil), w.RP1.Login("acr_values", "mfa")}
		for _, row := range w.Server.Routes() {
			if row.Methods[0] == http.MethodGet {
				path := strings.NewReplacer("{$}", "", "{id}", id, "{provider}", "social", "{action}", "sessions").Replace(row.Pattern)
				targets = append(targets, "https://"+servertest.SSO+path)
			}
		}
		before := w.Dump()
		for _, to := range targets {
			time.Sleep(time.Second) // below every limit: a 429 would hide what is behind it
			b.Do(http.MethodHead, to, nil)
			after := w.Dump()
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("HEAD %s changed the database:\n%s", to, diff)
			}
			before = after
		}
		want(t, "codes sent", w.Codes(w.U2.Email), 0)
	})
}
