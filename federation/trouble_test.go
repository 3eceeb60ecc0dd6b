package federation

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/outbound"
)

// at makes the provider answer one path by f.
func at(path string, f func(http.ResponseWriter, *http.Request)) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == path {
			f(w, r)
			return true
		}
		return false
	}
}

var troubles = map[string]func(http.ResponseWriter, *http.Request){
	"500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
	"429": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) },
	"redirect": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1/", http.StatusFound)
	},
	"POST redirect": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, issuer+"/token2", http.StatusTemporaryRedirect)
	},
	"2 MiB":     func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.Repeat([]byte(" "), 2<<20)) },
	"JSON bomb": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("[", 1<<19)) },
	"not JSON":  func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") },
	"empty":     func(http.ResponseWriter, *http.Request) {},
	"401 with token": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(401)
		io.WriteString(w, `{"error":"invalid_client"}`)
	},
}

func TestK11AProviderInTroubleIsAnError(t *testing.T) {
	for _, path := range []string{"/token", "/keys", "/userinfo"} {
		for name, trouble := range troubles {
			t.Run(path+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBench(t)
					b.idp.userinfo = claimSet{"sub": "248289761001"}
					b.idp.idToken = func(c claimSet) { c["email"] = nil }
					b.idp.answer = at(path, trouble)
					i, err := b.signIn()
					if i != nil || !errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrInvalid) {
						t.Errorf("%+v, %v", i, err)
					}
					if (name == "500" || name == "redirect") && !errors.Is(err, ErrUnavailable) {
						t.Errorf("%v", err)
					}
					b.idp.answer = nil        // … and it comes back
					time.Sleep(askAgainAfter) // its keys are not asked for again sooner
					if _, err := b.signIn(); err != nil {
						t.Errorf("afterwards: %v", err)
					}
				})
			})
		}
	}
}

func TestK11AProviderWithoutDiscoveryIsUnavailableAndComesBack(t *testing.T) {
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.idp.answer = at("/.well-known/openid-configuration", trouble)
				begin := func() error {
					_, _, err := b.Begin(t.Context(), "idp", Ask{Now: time.Now()})
					return err
				}
				for range 5 {
					if err := begin(); !errors.Is(err, ErrUnavailable) || len(err.Error()) > 500 {
						t.Fatal(err)
					}
				}
				if n := b.idp.count("/.well-known/openid-configuration"); n != 1 {
					t.Errorf("asked %d times within a moment", n)
				}
				b.idp.answer = nil
				time.Sleep(askAgainAfter)
				if err := begin(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestDiscoveryThatLeadsElsewhereIsRefused(t *testing.T) {
	for name, change := range map[string]func(claimSet){
		"issuer of another":    func(d claimSet) { d["issuer"] = "https://evil.example" },
		"issuer with a slash":  func(d claimSet) { d["issuer"] = issuer + "/" },
		"plain http":           func(d claimSet) { d["token_endpoint"] = "http://idp.example/token" },
		"javascript":           func(d claimSet) { d["authorization_endpoint"] = "javascript:alert(1)" },
		"no keys":              func(d claimSet) { delete(d, "jwks_uri") },
		"no token endpoint":    func(d claimSet) { d["token_endpoint"] = "" },
		"userinfo in a file":   func(d claimSet) { d["userinfo_endpoint"] = "file:///etc/passwd" },
		"localhost over http":  func(d claimSet) { d["jwks_uri"] = "http://idp.localhost/keys" },
		"credentials in a URL": func(d claimSet) { d["token_endpoint"] = "https://a:b@idp.example/token" },
	} {
		b := newBench(t)
		b.idp.document = change
		if _, _, err := b.Begin(t.Context(), "idp", Ask{}); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestK11AHangingProviderCostsTenSecondsOnce(t *testing.T) {
	for _, path := range []string{"/.well-known/openid-configuration", "/token", "/keys"} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
				to := ""
				if path != "/.well-known/openid-configuration" {
					to = b.begin(Ask{})
				}
				b.idp.answer = at(path, hang)
				begin := time.Now()
				var err error
				if to == "" {
					_, _, err = b.Begin(t.Context(), "idp", Ask{Now: begin})
				} else {
					_, _, err = b.finish(b.idp.authorize(to))
				}
				if !errors.Is(err, ErrUnavailable) || time.Since(begin) > outbound.Patience {
					t.Errorf("after %v: %v", time.Since(begin), err)
				}
				if to == "" { // the next ones are told at once
					begin = time.Now()
					if _, _, err = b.Begin(t.Context(), "idp", Ask{Now: begin}); !errors.Is(err, ErrUnavailable) || time.Since(begin) != 0 {
						t.Errorf("after %v: %v", time.Since(begin), err)
					}
				}
				time.Sleep(time.Minute) // whatever still runs ends in the bubble
			})
		})
	}
}

func TestDiscoveryIsLoadedOnceAndKeptWhileTheProviderIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		const path = "/.well-known/openid-configuration"
		for range 3 {
			if _, err := b.signIn(); err != nil {
				t.Fatal(err)
			}
		}
		if b.idp.count(path) != 1 || b.idp.count("/keys") != 1 {
			t.Errorf("discovery %d times, keys %d times", b.idp.count(path), b.idp.count("/keys"))
		}
		b.idp.answer = at(path, troubles["500"])
		time.Sleep(freshFor)
		if _, err := b.signIn(); err != nil || b.idp.count(path) != 2 {
			t.Errorf("with a document of an hour: %v, %d", err, b.idp.count(path))
		}
		time.Sleep(staleFor)
		if _, _, err := b.Begin(t.Context(), "idp", Ask{}); !errors.Is(err, ErrUnavailable) {
			t.Errorf("with a document of a day: %v", err)
		}
	})
}

func TestRotatedKeysAreFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		if _, err := b.signIn(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		b.idp.key = newIDP(t).key
		if _, err := b.signIn(); err != nil {
			t.Error(err)
		}
	})
}

func TestTheClientAuthenticatesAsTheProviderWishes(t *testing.T) {
	for want, methods := range map[string]any{
		"basic soglia s3cret": []string{"client_secret_post", "client_secret_basic"},
		"post soglia s3cret":  []string{"client_secret_post"},
	} {
		b := newBench(t)
		b.idp.document = func(d claimSet) { d["token_endpoint_auth_methods_supported"] = methods }
		if _, err := b.signIn(); err != nil || b.idp.secret != want {
			t.Errorf("%q, %v; want %q", b.idp.secret, err, want)
		}
	}
}
