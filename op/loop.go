package op

import (
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// A panel that is not content with an answer may start the same request again, without end and without a page on which
// the person could stop. The same client and session repeating the same request five times in ten seconds gets a page
// of ours with the reason instead of a sixth redirect (protocol.md §4).
const (
	loopTimes  = 5
	loopWithin = 10 * time.Second
	loopRows   = 8192 // bound of the memory; beyond it the oldest are forgotten, which costs a looping panel five more rounds
)

// loops counts answers by (session, client, request). In memory: a loop is one browser at one instance, mostly.
type loops struct {
	mu   sync.Mutex
	seen map[[16]byte]rounds
}

// rounds has no pointer that the garbage collector would have to follow.
type rounds struct {
	n     int
	since int64 // µs since 1970
}

func (r rounds) over(now time.Time) bool { return now.UnixMicro()-r.since > loopWithin.Microseconds() }

func newLoops() *loops { return &loops{seen: map[[16]byte]rounds{}} }

// again counts one answer and reports whether it is one too many.
func (l *loops) again(key [16]byte, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, known := l.seen[key]
	if !known || r.over(now) {
		if !known && len(l.seen) >= loopRows {
			l.forget(now)
		}
		r = rounds{since: now.UnixMicro()}
	}
	r.n++
	l.seen[key] = r
	return r.n > loopTimes
}

// forget makes room: what is past its time goes, and if that is nothing, everything does.
func (l *loops) forget(now time.Time) {
	for k, r := range l.seen {
		if r.over(now) {
			delete(l.seen, k)
		}
	}
	if len(l.seen) >= loopRows {
		clear(l.seen)
	}
}

// looping reports whether this answer would be one round too many.
//
// prompt=none is never answered by a page (OIDC Core §3.1.2.6), and a plain request of a program that is no browser
// (no Sec-Fetch-Dest) loops nowhere: counting it would only stop load tests and monitors.
func (p *Provider) looping(r *http.Request, h *hop, d acr.Decision) bool {
	cookie := p.Site.Cookies.Session(r)
	if cookie == "" || h.asked.PromptNone {
		return false
	}
	if d.Outcome == acr.Satisfied && !h.asksLevel() && r.Header.Get("Sec-Fetch-Dest") == "" {
		return false
	}
	return p.loops.again(h.fingerprint(cookie), h.now)
}

// showLoop stops the panel and says why.
func (p *Provider) showLoop(w http.ResponseWriter, r *http.Request, h *hop, d acr.Decision) error {
	p.Log.WarnContext(r.Context(), "panel repeats the same request", "client", h.panel.ID, "reason", string(d.Reason), "error", d.Error)
	w.Header().Set("Retry-After", strconv.Itoa(int(loopWithin/time.Second)))
	return p.Site.Render(w, web.WithLang(r, h.answer.UILocales), http.StatusTooManyRequests, templates.Failure{
		Page: h.page(), Code: "loop", Text: "loop", Status: http.StatusTooManyRequests, Args: map[string]any{"Panel": h.panel.Name},
	})
}

// asksLevel reports whether the request is about more than being signed in.
func (h *hop) asksLevel() bool {
	a := h.asked
	if a.HasEssential || a.ClientFloor != "" || len(a.AcrValues) > 0 || len(a.Wishes) > 0 || a.MaxAge != nil {
		return true
	}
	for _, s := range a.Scopes {
		if s.Level != "" || s.MaxAge != 0 {
			return true
		}
	}
	return false
}

// fingerprint names (session, client, request); state, nonce and challenge differ each time and are left out.
func (h *hop) fingerprint(cookie string) (key [16]byte) {
	s := sha256.New()
	part := func(v string) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(v)))
		s.Write(n[:])
		s.Write([]byte(v))
	}
	a := h.asked
	part(cookie)
	part(h.panel.ID)
	part(h.answer.RedirectURI)
	part(string(h.answer.Claims))
	part(strings.Join(a.AcrValues, " "))
	part(a.Subject)
	for _, sc := range a.Scopes {
		part(sc.Name)
	}
	if a.MaxAge != nil {
		part(a.MaxAge.String())
	}
	if a.PromptLogin {
		part("login")
	}
	return [16]byte(s.Sum(nil))
}
