package servertest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"golang.org/x/oauth2"
)

// golang.org/x/oauth2 does not know how a server wants the secret: after any refusal it sends the same request again with
// the secret in the body. Whoever makes a panel redeem nonsense therefore makes it authenticate twice, and must not be able
// to lock it out by that. Miniflux and oauth2-proxy are such panels.
func TestQ42AStrangerLocksNoPanelOut(t *testing.T) {
	for name, method := range map[string]config.AuthMethods{"unset": nil, "basic": {"client_secret_basic"}, "post": {"client_secret_post"}} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: w.Net})
				w.RP1.AuthStyle = oauth2.AuthStyleAutoDetect
				b := w.Browser("dora")
				dead := w.SignedIn(b, w.RP1, w.U2).Token.RefreshToken
				b.Open(w.RP1.SignOut("id_token_hint", w.RP1.Last().RawIDToken()))
				panel := func() *oauth2.Config { return w.RP1.OAuth() } // a new one knows no more than one just started
				for range 20 {
					if _, err := panel().Exchange(ctx, "bogus", oauth2.VerifierOption(oauth2.GenerateVerifier())); err == nil {
						t.Fatal("a made-up code opened something")
					}
				}
				for range 15 {
					if _, err := panel().TokenSource(ctx, &oauth2.Token{RefreshToken: dead}).Token(); err == nil {
						t.Fatal("a dead refresh token lives")
					}
				}
				want(t, "signed in at once", w.SignedIn(b, w.RP1, w.U2).Acr(), "sfa")
				want(t, "the limit was hit", len(w.Records("limit.hit")), 0)
				if method == nil {
					want(t, "refused authentications", len(w.Records("client.auth.fail")), 0)
				}
			}, servertest.With(func(f *config.File) { f.Clients[0].AuthMethod = method }))
		})
	}
}

// The same library, and nobody's secret: an app that can keep none. It sends Basic with an empty password first.
func TestQ42AnAppThatTriesBasicFirstGetsIn(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.RP3.AuthStyle = oauth2.AuthStyleAutoDetect
		b := w.Browser("dora")
		w.SignedIn(b, w.RP3, w.U2)
		for range 25 {
			b.Open(w.RP3.Login())
			want(t, "signed in again", w.RP3.Last().Acr(), "sfa")
		}
		want(t, "the limit was hit", len(w.Records("limit.hit")), 0)
	})
}
