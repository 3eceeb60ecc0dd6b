package op

import (
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// A panel that is not content with an answer may start the same request again, without end and without a page on which
// the person could stop. A sixth round of the same client and browser within ten seconds is a page of ours with the
// reason.
//
// A loop is one thing after another: the panel redeems a code and asks again, or is refused and asks again. Many tabs,
// restored together, ask for the same too, and each gets its code: none of theirs was redeemed when the next one asks.
const (
	loopTimes  = 5
	loopWithin = 10 * time.Second
	loopPause  = time.Second // rounds this far apart are one after another, whatever became of their codes
	loopRows   = 8192        // bound of the memory; beyond it the oldest are forgotten, which costs a looping panel five more rounds
)

// loops counts answers by (browser, client, request). In memory: a loop is one browser at one instance, mostly.
type loops struct {
	mu   sync.Mutex
	seen map[[16]byte]rounds
}

// rounds has no pointer that the garbage collector would have to follow.
type rounds struct {
	n     int   // answers since then
	apart int   // how many of them came loopPause or longer after the one before
	since int64 // µs since 1970
	last  int64 // the latest of apart
}

func (r rounds) over(now time.Time) bool { return now.UnixMicro()-r.since > loopWithin.Microseconds() }

func newLoops() *loops { return &loops{seen: map[[16]byte]rounds{}} }

// again counts one answer and returns how many there were with it.
func (l *loops) again(key [16]byte, now time.Time) rounds {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, known := l.seen[key]
	if !known || r.over(now) {
		if !known && len(l.seen) >= loopRows {
			l.makeRoom(now)
		}
		r = rounds{since: now.UnixMicro()}
	}
	r.n++
	if now.UnixMicro()-r.last >= loopPause.Microseconds() {
		r.apart++
		r.last = now.UnixMicro()
	}
	l.seen[key] = r
	return r
}

// end forgets a row of answers: the person did something in between.
func (l *loops) end(key [16]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.seen, key)
}

// makeRoom drops what is past its time, and if that is nothing, everything.
func (l *loops) makeRoom(now time.Time) {
	for k, r := range l.seen {
		if r.over(now) {
			delete(l.seen, k)
		}
	}
	if len(l.seen) >= loopRows {
		clear(l.seen)
	}
}

// looping reports whether this code would be one round too many. The database is asked only about a browser that has asked
// too often already.
//
// prompt=none is never answered by a page (OIDC Core §3.1.2.6), and a plain request of a program that is no browser
// (no Sec-Fetch-Dest) loops nowhere: counting it would only stop load tests and monitors.
func (p *Provider) looping(r *http.Request, h *hop) (bool, error) {
	cookie := p.Site.Cookies.Session(r)
	if cookie == "" || h.Asked.PromptNone || !h.asksLevel() && r.Header.Get("Sec-Fetch-Dest") == "" {
		return false, nil
	}
	n := p.count(r, h.fingerprint(cookie), h.Now)
	if n.n <= loopTimes {
		return false, nil
	}
	if n.apart > loopTimes {
		return true, nil
	}
	back, err := p.Store.RedeemedCodes(r.Context(), h.Next.Granted.Session(), h.client.ID, h.Now.Add(-loopWithin))
	return inSequence(back) >= loopTimes, err
}

// refusedAgain is looping for an error: there is no code that could come back, so each error counts. A browser that is
// refused at its first visit has no cookie yet; it is given one, so that it is recognised the next time.
func (p *Provider) refusedAgain(w http.ResponseWriter, r *http.Request, h *hop) bool {
	if r.Method != http.MethodGet || h.Asked.PromptNone || !web.Navigation(r) {
		return false
	}
	return p.count(r, h.fingerprint(p.Site.Cookies.EnsureBrowser(w, r)), h.Now).n > loopTimes
}

// count counts an answer. After a page of ours it was the person who asked, so the count begins anew.
func (p *Provider) count(r *http.Request, key [16]byte, now time.Time) rounds {
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" {
		p.loops.end(key)
		return rounds{}
	}
	return p.loops.again(key, now)
}

// inSequence is the length of the longest chain of codes in which each was issued after the one before was redeemed. They
// are sorted by the time of redemption.
func inSequence(back []storage.RedeemedCode) (n int) {
	var last time.Time
	for _, b := range back {
		if !b.Issued.Before(last) {
			n, last = n+1, b.Redeemed
		}
	}
	return n
}

// showLoop stops the panel and says why.
func (p *Provider) showLoop(w http.ResponseWriter, r *http.Request, h *hop, reason, code string) error {
	p.Log.WarnContext(r.Context(), "panel repeats the same request", "client", h.client.ID, "reason", reason, "error", code)
	w.Header().Set("Retry-After", strconv.Itoa(int(loopWithin/time.Second)))
	return p.Site.Render(w, web.WithLang(r, h.Answer.UILocales), http.StatusTooManyRequests, templates.Failure{
		Page: h.page(), Code: "loop", Text: "loop", Status: http.StatusTooManyRequests, Args: map[string]any{"Panel": h.client.Name},
		Retry: r.URL.RequestURI(),
	})
}

// asksLevel reports whether the request is about more than being signed in.
func (h *hop) asksLevel() bool {
	a := &h.Asked
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

// fingerprint names (browser, client, request); state, nonce and challenge differ each time and are left out.
func (h *hop) fingerprint(cookie string) (key [16]byte) {
	s := sha256.New()
	part := func(v string) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(v)))
		s.Write(n[:])
		s.Write([]byte(v))
	}
	a := &h.Asked
	part(cookie)
	part(h.client.ID)
	part(h.Answer.RedirectURI)
	part(string(h.Answer.Claims))
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
	if a.Select {
		part("select_account")
	}
	for pair := range strings.SplitSeq(h.raw, "&") {
		if name, _, _ := strings.Cut(pair, "="); !h.fresh[name] {
			part(pair)
		}
	}
	return [16]byte(s.Sum(nil))
}
