package demo

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/soglia-sso/soglia/secret"
)

// panel is the demo's customer area: a real relying party on coreos/go-oidc and x/oauth2, which share nothing with the
// library under our provider. It is written as a panel's author would write one, and reads no package of ours for its
// protocol side.
//
// It is registered twice. As panelClient it knows about levels: it lists every scope at sign-in (on_unmet: drop), and
// asks acr_values=mfa when a sensitive area opens. As plainClient it plays a panel that can neither send nor check acr:
// it asks for the area's scope and looks whether it was granted, and the floor of the scope does the rest. A panel that
// does not even look would need require_acr.
type panel struct {
	origin  string // http://panel.localhost:8481
	issuer  string
	cookie  string            // name of the session cookie
	secrets map[string]string // by client
	http    *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
	sessions map[string]*visit
}

// The panel's two registrations.
const (
	panelClient = "area-clienti"
	plainClient = "area-clienti-plain"
)

//go:embed assets
var assets embed.FS

// visit is one browser at the panel.
type visit struct {
	mu       sync.Mutex
	id       string
	seen     time.Time
	plain    bool               // "this panel cannot send acr_values"
	open     map[string]attempt // authorization requests under way, by state
	signed   *signedIn          // nil: nobody
	goodbye  string             // state sent to end_session
	answered string             // area that the last answer was about
}

// attempt is an authorization request under way: what its answer must match, and where the person wanted to go.
type attempt struct {
	client   string
	nonce    string
	verifier string
	path     string
	area     string // scope of the area to be opened; "" = a plain sign-in
	url      string
	begun    time.Time
}

// maxVisits and maxAttempts bound what strangers can make the panel remember.
const (
	maxVisits   = 1000
	maxAttempts = 20
	visitIdle   = 12 * time.Hour
)

func newPanel(origin, issuer, cookie string, secrets map[string]string, transport http.RoundTripper) *panel {
	return &panel{
		origin: origin, issuer: issuer, cookie: cookie, secrets: secrets, sessions: map[string]*visit{},
		http: &http.Client{Transport: transport, Timeout: 10 * time.Second},
	}
}

// Handler is the panel's whole site.
func (p *panel) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.page(p.showHome))
	for _, a := range areas {
		mux.HandleFunc("GET "+a.Path, p.page(p.showArea(a)))
	}
	mux.HandleFunc("GET /login", p.page(p.startSignIn))
	mux.HandleFunc("GET /callback", p.page(p.finishSignIn))
	mux.HandleFunc("POST /switch", p.page(p.doSwitch))
	mux.HandleFunc("POST /sign-out", p.page(p.doSignOut))
	mux.HandleFunc("GET /signed-out", p.page(p.showSignedOut))
	mux.HandleFunc("GET /panel.css", asset("assets/panel.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /", p.page(p.showMissing))
	return http.NewCrossOriginProtection().Handler(mux)
}

// page wraps a handler with the browser's visit and the headers every answer has. Sign-out is the only form that leads
// away, to the provider and back, and browsers hold form-action against that whole chain.
func (p *panel) page(h func(http.ResponseWriter, *http.Request, *visit) error) http.HandlerFunc {
	csp := "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' " + p.issuer
	return func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", csp)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "same-origin")
		head.Set("Cache-Control", "no-store")
		v := p.visit(w, r)
		v.mu.Lock()
		defer v.mu.Unlock()
		if err := h(w, r, v); err != nil {
			p.showFailure(w, r, v, err)
		}
	}
}

// visit finds the browser's visit or begins one.
func (p *panel) visit(w http.ResponseWriter, r *http.Request) *visit {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if c, err := r.Cookie(p.cookie); err == nil {
		if v := p.sessions[c.Value]; v != nil && now.Sub(v.seen) < visitIdle {
			v.seen = now
			return v
		}
	}
	if len(p.sessions) >= maxVisits {
		p.dropIdle(now)
	}
	v := &visit{id: secret.New(""), seen: now, open: map[string]attempt{}}
	p.sessions[v.id] = v
	p.setCookie(w, v.id)
	return v
}

// dropIdle drops idle visits, and the oldest when none is idle.
func (p *panel) dropIdle(now time.Time) {
	var oldest *visit
	for id, v := range p.sessions {
		if now.Sub(v.seen) >= visitIdle {
			delete(p.sessions, id)
			continue
		}
		if oldest == nil || v.seen.Before(oldest.seen) {
			oldest = v
		}
	}
	if oldest != nil && len(p.sessions) >= maxVisits {
		delete(p.sessions, oldest.id)
	}
}

// renew gives the visit a new cookie: at every sign-in, so that a cookie planted before is worth nothing after.
func (p *panel) renew(w http.ResponseWriter, v *visit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sessions, v.id)
	v.id = secret.New("")
	p.sessions[v.id] = v
	p.setCookie(w, v.id)
}

func (p *panel) setCookie(w http.ResponseWriter, id string) {
	http.SetCookie(w, &http.Cookie{Name: p.cookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// errProvider says that the provider cannot be reached; the page offers to try again.
var errProvider = errors.New("provider away")

// discovered is the provider's metadata, read once it answers.
func (p *panel) discovered(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.provider == nil {
		// The keys are fetched later with the context given here, so it must not end with this request.
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.http), p.issuer)
		if err != nil {
			return nil, errors.Join(errProvider, err)
		}
		p.provider = found
	}
	return p.provider, nil
}

// oauth is the client configuration of one of the two registrations.
func (p *panel) oauth(found *oidc.Provider, client string) *oauth2.Config {
	endpoint := found.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	return &oauth2.Config{ClientID: client, ClientSecret: p.secrets[client], RedirectURL: p.origin + "/callback", Endpoint: endpoint}
}
