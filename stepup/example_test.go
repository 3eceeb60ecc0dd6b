package stepup_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/soglia-sso/soglia/stepup"
	"golang.org/x/oauth2"
)

// An API whose DNS zones want a second step of the last ten minutes. It asks the issuer about each token, so that it knows at
// once when a session is over.
func Example() {
	issuer := anIssuer() // https://sso.example.it
	sso, err := stepup.New(issuer, stepup.Introspection("dns-api", "its secret"))
	if err != nil {
		panic(err)
	}
	zones := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := stepup.FromContext(r.Context())
		fmt.Fprintf(w, "the zones of %s, who proved %s", t.Subject, t.Acr)
	})
	mux := http.NewServeMux()
	mux.Handle("/dns", stepup.Require("mfa", stepup.MaxAge(10*time.Minute), stepup.Scope("dns"))(zones))
	api := sso.Handler(mux)

	for _, token := range []string{"of-a-second-step", "of-a-password", "of-nobody"} {
		r := httptest.NewRequest("GET", "/dns", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 the zones of anna, who proved mfa
	// 401 A different level of authentication is needed.
	//
	// 401 The access token is not valid.
}

// The panel in front of that API sends the person through the second step, with what the API wants.
func ExampleParseChallenge() {
	answer := http.Header{"Www-Authenticate": {`Bearer error="insufficient_user_authentication", acr_values="mfa", max_age="600", scope="dns"`}}
	panel := &oauth2.Config{
		ClientID: "panel", RedirectURL: "https://panel.example.it/callback", Scopes: []string{"openid", "profile"},
		Endpoint: oauth2.Endpoint{AuthURL: "https://sso.example.it/authorize"},
	}
	c, err := stepup.ParseChallenge(answer)
	if err != nil || !c.StepUp() {
		return // an error like any other
	}
	state, verifier := "kept in the person's session", oauth2.GenerateVerifier() // the verifier, too, and a nonce
	opts := append(c.AuthCodeOptions(panel.Scopes...), oauth2.S256ChallengeOption(verifier))
	next, _ := url.Parse(panel.AuthCodeURL(state, opts...))
	for _, name := range []string{"acr_values", "max_age", "scope"} {
		fmt.Println(name, "=", next.Query().Get(name))
	}
	// Output:
	// acr_values = mfa
	// max_age = 600
	// scope = openid profile dns
}

// A panel that keeps a session of its own compares what the ID token said.
func ExampleLevels_Suffice() {
	levels := stepup.Levels{"sfa", "mfa", "phr"}
	for _, acr := range []string{"sfa", "mfa", "phr", ""} {
		fmt.Printf("%q: %v\n", acr, levels.Suffice(acr, "mfa"))
	}
	// Output:
	// "sfa": false
	// "mfa": true
	// "phr": true
	// "": false
}

// anIssuer stands for a real one.
func anIssuer() string {
	mux := http.NewServeMux()
	s := httptest.NewServer(mux) // it ends with the program
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": s.URL, "introspection_endpoint": s.URL + "/introspect", "acr_values_supported": []string{"sfa", "mfa"}})
	})
	mux.HandleFunc("POST /introspect", func(w http.ResponseWriter, r *http.Request) {
		acr, ok := map[string]string{"of-a-second-step": "mfa", "of-a-password": "sfa"}[r.FormValue("token")]
		_ = json.NewEncoder(w).Encode(map[string]any{
			"active": ok, "token_type": "Bearer", "sub": "anna", "acr": acr, "scope": "openid dns", "auth_time": time.Now().Unix(), "exp": time.Now().Unix() + 600,
		})
	})
	return s.URL
}
