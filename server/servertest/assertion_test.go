package servertest_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
)

// Fault 10, with two instances and a key that the panel publishes at an address of its own.
func TestFault10AKeyAtAnAddressProvesABackEndOnceOverInstances(t *testing.T) {
	backend := servertest.With(func(f *config.File) {
		f.Scopes["reports"] = config.FileScope{}
		f.Clients = append(f.Clients, config.FileClient{
			ID: "backend", AuthMethod: config.AuthMethods{"private_key_jwt"}, JWKSURI: "https://backend.example.test/jwks",
			Grants: []string{"client_credentials"}, Scopes: []string{"reports"},
		})
	})
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		asked := 0
		w.Net.Handle("backend.example.test", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: "k1"}}})
		}))
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: private, KeyID: "k1"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		assertion := func(jti string) string {
			raw, err := json.Marshal(map[string]any{
				"iss": "backend", "sub": "backend", "aud": "https://" + servertest.SSO, "jti": jti, "exp": time.Now().Add(time.Minute).Unix(),
			})
			if err != nil {
				t.Fatal(err)
			}
			jws, err := signer.Sign(raw)
			if err != nil {
				t.Fatal(err)
			}
			out, err := jws.CompactSerialize()
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		first, second, turn := w.Server, w.Second(), 0
		w.Route(func(*http.Request) *server.Server {
			turn++
			return []*server.Server{first, second}[turn%2]
		})
		call := func(assertion string) (int, string) {
			form := url.Values{
				"grant_type": {"client_credentials"}, "client_assertion": {assertion},
				"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			}
			res, err := (&http.Client{Transport: w.Net}).Post("https://"+servertest.SSO+"/token", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			return res.StatusCode, string(body)
		}
		for _, jti := range []string{"1", "2", "3", "4"} {
			a := assertion(jti)
			if status, body := call(a); status != http.StatusOK || !strings.Contains(body, `"scope":"reports"`) {
				t.Fatalf("%d %s", status, body)
			}
			if status, body := call(a); status != http.StatusUnauthorized || !strings.Contains(body, "invalid_client") {
				t.Errorf("used again, at the other instance: %d %s", status, body)
			}
			turn++
		}
		want(t, "the keys were asked for, once an instance", asked, 2)
	}, backend)
}
