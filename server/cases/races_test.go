package cases

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
)

// rivals is how many do the same at once.
const rivals = 32

// arena is a world whose requests are spread over two instances, each with a pool of its own. Its rivals are in one
// bubble, whose clock stands still while anybody works: no machine is so slow that a rival runs into a time-out, and a
// 5xx is always a fault of ours.
type arena struct {
	*servertest.World
	t *testing.T
}

// inArenas runs f on each engine.
func inArenas(t *testing.T, f func(*arena), opts ...servertest.Option) {
	t.Helper()
	opts = append([]servertest.Option{servertest.With(throughProxy)}, opts...)
	run := func(t *testing.T, w *servertest.World) {
		pair := [2]*server.Server{w.Server, w.Second()}
		var n atomic.Int64
		w.Route(func(*http.Request) *server.Server { return pair[n.Add(1)%2] })
		f(&arena{World: w, t: t})
	}
	t.Run("sqlite", func(t *testing.T) { servertest.Run(t, run, opts...) })
	t.Run("postgres", func(t *testing.T) { servertest.Run(t, run, append(opts, servertest.OnPostgres())...) })
}

// prober is one rival's, or one test's, way to send.
func (a *arena) prober(i int) *prober { return &prober{t: a.t, w: a.World, n: i * 1000} }

// atOnce lets n rivals act at the same moment and gives every answer. None may be a fault of ours.
func (a *arena) atOnce(n int, act func(i int, p *prober) *answer) []*answer {
	a.t.Helper()
	out := make([]*answer, n)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			out[i] = act(i, a.prober(i))
		})
	}
	close(start)
	all.Wait()
	for _, got := range out {
		if got == nil || got.status >= 500 {
			a.t.Fatalf("a rival was answered by a fault of ours: %v %s", got, got.says())
		}
	}
	return out
}

// tally holds what the rivals were answered against how often each answer is allowed; every answer must be in the list.
func (a *arena) tally(what string, answers []*answer, want map[string]int) {
	a.t.Helper()
	got := map[string]int{}
	for _, one := range answers {
		got[one.says()]++
	}
	for says, n := range got {
		if want[says] != n {
			a.t.Errorf("%s: %d answers %q, want %v", what, n, says, want)
		}
	}
	for says, n := range want {
		if n > 0 && got[says] == 0 {
			a.t.Errorf("%s: no answer %q, want %d: %v", what, says, n, got)
		}
	}
}

// verifier is the PKCE verifier of every code here.
const verifier = "no-secret-of-anybody-but-long-enough-to-be-a-verifier"

// code is an unused code of a signed-in browser's.
func (a *arena) code(b *servertest.Browser, rp *servertest.RP, params ...string) string {
	a.t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "prompt": {"none"}}
	for i := 0; i+1 < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	asked, err := url.Parse(rp.Authorize(q))
	if err != nil {
		a.t.Fatal(err)
	}
	got := a.prober(rivals).send(probe{method: http.MethodGet, target: asked.RequestURI(), header: head("Cookie", cookies(b))})
	back, err := url.Parse(got.header.Get("Location"))
	if err != nil || back.Query().Get("code") == "" {
		a.t.Fatalf("no code for %s: %s %s", rp.Client, got.says(), got.header.Get("Location"))
	}
	return back.Query().Get("code")
}

// redemption is a token request for a code.
func redemption(rp *servertest.RP, code string) probe {
	return ofPanel(rp, "/token", "grant_type", "authorization_code", "code", code, "redirect_uri", rp.Redirect, "code_verifier", verifier)
}

// renewal is a token request for a refresh token.
func renewal(rp *servertest.RP, token string) probe {
	return ofPanel(rp, "/token", "grant_type", "refresh_token", "refresh_token", token)
}

// ofPanel is what a panel's own program posts.
func ofPanel(rp *servertest.RP, path string, pairs ...string) probe {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	if rp.Secret == "" { // public: it says who it is, and proves nothing
		form.Set("client_id", rp.Client)
		return probe{method: http.MethodPost, target: path, body: form.Encode()}
	}
	basic := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(rp.Client) + ":" + url.QueryEscape(rp.Secret)))
	return probe{method: http.MethodPost, target: path, body: form.Encode(), header: head("Authorization", "Basic "+basic)}
}

// tokens is what the token endpoint gave; all empty after a refusal.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
	Active  bool   `json:"active"` // of an introspection
}

// tokens reads an answer of the token or introspection endpoint.
func (a *answer) tokens() (got tokens) {
	if a.status == http.StatusOK && strings.Contains(a.header.Get("Content-Type"), "json") {
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			a.status = http.StatusInternalServerError // no JSON under its name
		}
	}
	return got
}

// dead fails when anything that came with an answer still opens something.
func (a *arena) dead(what string, rp *servertest.RP, got tokens) {
	a.t.Helper()
	p := a.prober(rivals + 1)
	for range 2 { // once on each instance
		want(a.t, what+": userinfo", p.send(probe{method: http.MethodGet, target: "/userinfo", header: head("Authorization", "Bearer "+got.Access)}).status, http.StatusUnauthorized)
		for _, token := range []string{got.Access, got.Refresh} {
			want(a.t, what+": introspection", p.send(ofPanel(rp, "/introspect", "token", token)).tokens().Active, false)
		}
	}
	want(a.t, what+": refresh", p.send(renewal(rp, got.Refresh)).says(), "400 invalid_grant")
}
