package federation

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What fails carries neither our secret nor the person's token into a log line, wherever it fails.
func TestFacebooksTroubleTellsNoSecret(t *testing.T) {
	const appSecret, token = "app-secret-x", "EAA-token-x"
	for _, path := range []string{"access_token", "debug_token", "me"} {
		for name, fail := range map[string]func() (*http.Response, error){
			"no connection": func() (*http.Response, error) { return nil, errors.New("no route") },
			"an error that quotes us": func() (*http.Response, error) {
				return answerJSON(400, `{"error":{"message":"bad token `+token+` `+appSecret+`","code":190}}`), nil
			},
			"500": func() (*http.Response, error) { return answerJSON(500, appSecret), nil },
		} {
			store, err := sql.Open(t.Context(), storagetest.SQLite(t), sql.WithOffset(0), sql.WithDev())
			if err != nil {
				t.Fatal(err)
			}
			box, err := secret.NewBox(make([]byte, 32))
			if err != nil {
				t.Fatal(err)
			}
			network := tripper(func(r *http.Request) (*http.Response, error) {
				if strings.Contains(r.URL.String(), appSecret) || r.URL.Host != "graph.facebook.com" || !strings.HasPrefix(r.URL.Path, "/v22.0/") {
					t.Errorf("asked %s", r.URL)
				}
				switch {
				case strings.HasSuffix(r.URL.Path, path):
					return fail()
				case strings.HasSuffix(r.URL.Path, "access_token"):
					return answerJSON(200, `{"access_token":"`+token+`","token_type":"bearer"}`), nil
				case strings.HasSuffix(r.URL.Path, "debug_token"):
					return answerJSON(200, `{"data":{"app_id":77,"user_id":12345678901234567,"is_valid":true}}`), nil
				}
				return answerJSON(200, `{"id":"12345678901234567","name":"Fabio"}`), nil
			})
			p, err := New([]Settings{{Name: "fb", Type: "facebook", ClientID: "77", ClientSecret: appSecret, RedirectURI: callback}}, box, outbound.New(outbound.Options{Transport: network}))
			if err != nil {
				t.Fatal(err)
			}
			b := &bench{Providers: p, t: t, idp: newIDP(t), store: store}
			to, row, err := b.Begin(t.Context(), "fb", Ask{BrowserHash: browser, Lifetime: time.Minute, Now: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			if err := store.PutFederation(t.Context(), row); err != nil {
				t.Fatal(err)
			}
			values := b.idp.authorize(to)
			values.Del("iss")
			_, _, err = b.Finish(t.Context(), store, "fb", Callback{Values: values, BrowserHash: browser, Now: time.Now()})
			if err == nil || strings.Contains(err.Error(), appSecret) || strings.Contains(err.Error(), token) {
				t.Errorf("%s, %s: %v", path, name, err)
			}
			store.Close()
		}
	}
}

func answerJSON(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}
}

func TestDoorsRefuseSettingsThatCannotBe(t *testing.T) {
	good := Settings{Name: "p", ClientID: "1", ClientSecret: "s", RedirectURI: callback}
	for name, change := range map[string]func(*Settings){
		"google with another issuer":    func(s *Settings) { s.Type, s.Issuer = "google", "https://evil.example" },
		"google without client":         func(s *Settings) { s.Type, s.ClientID = "google", "" },
		"facebook without secret":       func(s *Settings) { s.Type, s.ClientSecret = "facebook", "" },
		"facebook of no version":        func(s *Settings) { s.Type, s.Graph = "facebook", "22" },
		"facebook at another's address": func(s *Settings) { s.Type, s.Graph = "facebook", "v22.0/../../evil" },
	} {
		s := good
		change(&s)
		if _, err := types[s.Type](s, outbound.New(outbound.Options{})); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
