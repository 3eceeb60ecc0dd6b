package op

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage/storagetest"
	"github.com/soglia-sso/soglia/tokens"
)

// jwksCache is a panel's back end: it keeps the JWKS for as long as max-age says and never asks before, whatever kid comes.
type jwksCache struct {
	t     *testing.T
	from  []http.Handler // the instances behind the load balancer, by turns
	turn  int
	set   jose.JSONWebKeySet
	until time.Time
}

func (v *jwksCache) verify(token string) error {
	if !time.Now().Before(v.until) {
		v.turn++
		w := httptest.NewRecorder()
		v.from[v.turn%len(v.from)].ServeHTTP(w, httptest.NewRequest("GET", issuer+"/jwks", nil))
		_, age, _ := strings.Cut(w.Header().Get("Cache-Control"), "max-age=")
		seconds, err := strconv.Atoi(age)
		if err != nil {
			v.t.Fatal(w.Header())
		}
		v.set = jose.JSONWebKeySet{}
		if err := json.Unmarshal(w.Body.Bytes(), &v.set); err != nil {
			v.t.Fatal(err)
		}
		v.until = time.Now().Add(time.Duration(seconds) * time.Second)
	}
	jws, err := jose.ParseSignedCompact(token, tokens.Algorithms)
	if err != nil {
		return err
	}
	keys := v.set.Key(jws.Signatures[0].Protected.KeyID)
	if len(keys) != 1 {
		return errors.New("a kid that is not in the JWKS")
	}
	_, err = jws.Verify(keys[0].Key)
	return err
}

// twoInstances runs f beside two instances on one database, whose workers run.
func twoInstances(t *testing.T, change func(*config.Config), f func(t *testing.T, h *house, muxes []http.Handler)) {
	t.Helper()
	database := storagetest.SQLite(t)
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, database, change)
		second := h.second()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{}, 2)
		for _, p := range []*Provider{h.op, second} {
			go func() { p.Tokens.Run(ctx, p.Log); done <- struct{}{} }()
			time.Sleep(700 * time.Millisecond) // their polls do not come at the same moment
		}
		f(t, h, []http.Handler{h.mux, h.op.Site.Mux(second.Routes())})
		stop()
		<-done
		<-done
	})
}

func ownToken(t *testing.T, h *house, mux http.Handler) string {
	t.Helper()
	r := httptest.NewRequest("POST", issuer+"/token", strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("backend", "backend-secret")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return good(t, w).Access
}

// TestR11 is issue 3's fifth criterion. Time is the bubble's: five minutes in which keys change hands twice.
func TestR11_KeysRotateUnderLoadAndNoVerificationFails(t *testing.T) {
	change := func(c *config.Config) {
		withService(c)
		c.Signing.PublishBefore, c.Signing.RotateEvery = time.Minute, 48*time.Hour
	}
	twoInstances(t, change, func(t *testing.T, h *house, muxes []http.Handler) {
		var clients []*jwksCache
		for i := range 6 {
			clients = append(clients, &jwksCache{t: t, from: muxes, turn: i})
		}
		operator := tokens.New(h.store, h.box, h.op.Config)
		kids := map[any]int{}
		var kept []string
		begin := time.Now()
		for n := 0; time.Since(begin) < 5*time.Minute; n++ {
			switch n {
			case 200, 201, 1100: // twice in a row is once
				if _, err := operator.Rotate(t.Context(), ""); err != nil {
					t.Fatal(err)
				}
			}
			token := ownToken(t, h, muxes[n%2])
			kids[jwtHeader(t, token)["kid"]]++
			if kept = append(kept, token); len(kept) > 600 {
				kept = kept[1:]
			}
			v := clients[n%len(clients)]
			for _, token := range []string{token, kept[0]} {
				if err := v.verify(token); err != nil {
					t.Fatalf("after %v: %v", time.Since(begin), err)
				}
			}
			time.Sleep(97 * time.Millisecond)
		}
		if len(kids) != 3 {
			t.Errorf("signed with %d keys, want three: %v", len(kids), kids)
		}
		states := map[tokens.KeyState]int{}
		list, err := operator.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range list {
			states[k.State]++
		}
		if states[tokens.KeyActive] != 3 || states[tokens.KeyRetired] != 6 || len(states) != 2 {
			t.Errorf("%v", states)
		}
	})
}

func TestR11_AnEmergencyTakesAKeyOutEverywhereWithinFiveSeconds(t *testing.T) {
	twoInstances(t, withService, func(t *testing.T, h *house, muxes []http.Handler) {
		operator := tokens.New(h.store, h.box, h.op.Config)
		if _, err := operator.Rotate(t.Context(), "ES256"); err != nil { // a successor waits
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		token := ownToken(t, h, muxes[1])
		stolen := jwtHeader(t, token)["kid"].(string)
		told, err := operator.Retire(t.Context(), stolen, true)
		if err != nil || len(told) != 2 || told[0].ID != stolen || told[0].State != tokens.KeyGone || told[1].State != tokens.KeyActive {
			t.Fatalf("%v %+v", err, told)
		}
		time.Sleep(5 * time.Second)
		for i, mux := range muxes {
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, httptest.NewRequest("GET", issuer+"/jwks", nil))
			if strings.Contains(w.Body.String(), stolen) || strings.Count(w.Body.String(), `"kid"`) != 3 {
				t.Errorf("instance %d: %s", i, w.Body)
			}
			if kid := jwtHeader(t, ownToken(t, h, mux))["kid"]; kid != told[1].ID {
				t.Errorf("instance %d signs with %v", i, kid)
			}
			h.mux = mux
			if h.introspect("backend", token) != nil {
				t.Errorf("instance %d still believes the key", i)
			}
		}
		if events := h.events(); !slices.Contains(events, "key.retired emergency") || !slices.Contains(events, "key.rotated") {
			t.Error(events)
		}
		if _, err := operator.Retire(t.Context(), stolen, true); !errors.Is(err, tokens.ErrKeyUnknown) {
			t.Error(err)
		}
	})
}
