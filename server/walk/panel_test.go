package walk

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const verifier = "no-secret-of-anybody-but-long-enough-to-be-a-verifier"

// asking is an authorization request under way.
type asking struct {
	panel  string
	by     *browser
	scopes []string
	params url.Values
	at     time.Time

	came     bool
	code, no string
	back     time.Time  // when the answer came
	could    []snapshot // what the browser's people had proved then
}

type snapshot struct {
	sit    *sitting
	proofs []*proof
}

// tokens are what a panel got for a code.
type tokens struct {
	*grant
	access, refresh string
	id              string
	expires         time.Time
	former          string    // the refresh token before
	turned          time.Time // when it was used
	used            time.Time // the last time that the refresh token served
}

// answer is what the token, introspection and userinfo endpoints say.
type answer struct {
	status  int
	Error   string   `json:"error"`
	Access  string   `json:"access_token"`
	Refresh string   `json:"refresh_token"`
	ID      string   `json:"id_token"`
	Expires int      `json:"expires_in"`
	Scope   string   `json:"scope"`
	Active  bool     `json:"active"`
	Sub     string   `json:"sub"`
	Acr     string   `json:"acr"`
	Amr     []string `json:"amr"`
	Time    int64    `json:"auth_time"`
}

func (a *answer) said() said {
	return said{sub: a.Sub, acr: a.Acr, amr: a.Amr, time: a.Time, scopes: strings.Fields(a.Scope)}
}

// settlePanels puts a panel at each redirect URI.
func (w *walk) settlePanels() {
	for id, to := range redirects {
		u, _ := url.Parse(to)
		w.Net.Handle(u.Host, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			if a := w.asked[q.Get("state")]; a != nil && a.panel == id {
				a.came, a.code, a.no, a.back = true, q.Get("code"), q.Get("error"), time.Now()
			}
			rw.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(rw, `<!doctype html><title>panel</title><main data-step="panel">panel</main>`)
		}))
	}
}

// open sends a browser to a panel, which sends it on to the server.
func (w *walk) open(br *browser, panel string, scopes []string, params ...string) *asking {
	sum := sha256.Sum256([]byte(verifier))
	w.states++
	state := fmt.Sprintf("s%d", w.states)
	q := url.Values{
		"response_type": {"code"}, "client_id": {panel}, "redirect_uri": {redirects[panel]}, "scope": {strings.Join(scopes, " ")},
		"state": {state}, "nonce": {"n" + state}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for i := 0; i+1 < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	a := &asking{panel: panel, by: br, scopes: scopes, params: q, at: time.Now()}
	w.asked[state] = a
	w.note(br.Name, "opens %s for %v %v", panel, scopes, params)
	br.connect = nil
	w.wakes(br)
	br.Open(here("/authorize") + "?" + q.Encode())
	if q.Get("prompt") == "none" {
		w.pump(br)
		w.answers(br)
	} else {
		w.after(br)
	}
	return a
}

// answers takes what came back to the panels and redeems it.
func (w *walk) answers(br *browser) {
	for state, a := range w.asked {
		if !a.came || a.by != br {
			continue
		}
		delete(w.asked, state) // one navigation brings one answer at most
		if a.no != "" {
			w.tally["refused "+a.no]++
			w.note(br.Name, "%s gets %s", a.panel, a.no)
			return
		}
		for _, s := range br.live(&w.book.yaml, time.Now()) {
			a.could = append(a.could, snapshot{s, slices.Clone(s.proofs)})
		}
		if w.chance(8) {
			w.held = append(w.held, a)
		} else {
			w.redeem(a)
		}
		return
	}
}

// post is what a panel's own program posts.
func (w *walk) post(panel, path string, pairs ...string) *answer {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	c := w.book.yaml.clients[panel]
	if c.public {
		form.Set("client_id", panel)
	}
	r, err := http.NewRequest(http.MethodPost, here(path), strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if !c.public {
		r.SetBasicAuth(panel, url.QueryEscape(w.RP1.Secret))
	}
	return w.send(r)
}

func (w *walk) send(r *http.Request) *answer {
	res, err := w.Net.RoundTrip(r)
	if err != nil {
		w.t.Error(err)
		return &answer{}
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	out := &answer{status: res.StatusCode}
	if res.StatusCode >= 500 {
		w.t.Errorf("%s answered %d: %s", r.URL, res.StatusCode, raw)
	}
	if err := json.Unmarshal(raw, out); err != nil && res.StatusCode == http.StatusOK {
		w.t.Errorf("%s: %v: %s", r.URL, err, raw)
	}
	return out
}

// claims reads an ID token; its signature is other tests' matter.
func claims(raw string) (c answer) {
	if parts := strings.Split(raw, "."); len(parts) == 3 {
		if body, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
			_ = json.Unmarshal(body, &c) // an empty one fails at its subject
		}
	}
	return c
}
