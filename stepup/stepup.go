// Package stepup is for panels written in Go: it protects handlers by the level of a sign-in, by its age and by scopes, and
// says what is missing in the words of RFC 9470, so that the panel's front end can send the person through a second step.
//
//	sso, err := stepup.New("https://sso.example.it", stepup.Introspection("dns-api", secret))
//	…
//	mux.Handle("/dns/", stepup.Require("mfa", stepup.MaxAge(10*time.Minute), stepup.Scope("dns"))(zones))
//	http.ListenAndServe(addr, sso.Handler(mux))
//
// It owns the resource server's side (RFC 6750, RFC 9068, RFC 7662, RFC 9470) and [ParseChallenge], with which a client reads
// what such a server answered. It leaves the sign-in itself to any OpenID Connect library.
//
// Whatever is missing, malformed or cannot be asked closes the door. Easy to get wrong, and decided here:
//
//   - A level is compared by rank, never by spelling: who was proved at phr may enter where mfa is asked.
//   - All access tokens of an issuer may have one audience. So [JWT] wants to be told whose tokens it takes.
//   - A refresh token is "active" at introspection, too. Only what calls itself a bearer token opens anything.
//   - A JWT says until its end what was true when it was made; [Introspection] knows at once that a session is over.
package stepup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	patience = 5 * time.Second  // for one question to the issuer
	leeway   = 30 * time.Second // by which iat, nbf and auth_time may lie ahead of our clock; exp gets none
	maxToken = 16 << 10         // bytes
	maxReply = 256 << 10        // bytes of a document or an answer of the issuer
)

// A Verifier knows one issuer and how its access tokens are verified. It is safe for concurrent use.
type Verifier struct {
	issuer   string
	audience string
	levels   Levels // nil: those that discovery lists
	http     *http.Client
	log      *slog.Logger
	about    discovery
	verify   verify
}

// Tokens is how access tokens are verified: [JWT] or [Introspection].
type Tokens struct {
	of func(*Verifier) (verify, error)
}

// verify turns a token into what it says, by its signature or by asking. The error is a *refusal, or says why nobody can
// tell.
type verify func(ctx context.Context, token string, now time.Time) (*Token, error)

// An Option changes a Verifier.
type Option func(*Verifier)

// Audience is what the aud of a token must contain. Without it that is the issuer, as in tokens of Soglia.
func Audience(aud string) Option { return func(v *Verifier) { v.audience = aud } }

// Order lists the levels, weakest first. Without it they are read from acr_values_supported of the issuer's discovery
// document, which Soglia writes in this order and keeps so; of another provider's list no order is promised.
func Order(weakestFirst ...string) Option { return func(v *Verifier) { v.levels = weakestFirst } }

// HTTPClient asks the issuer. It follows no redirects, and each question has five seconds, whatever the client says.
func HTTPClient(c *http.Client) Option {
	return func(v *Verifier) {
		if c != nil {
			own := *c
			v.http = &own
		}
	}
}

// Log is told why nobody could be let in: the issuer was not reachable, or something is configured wrongly. Without it that
// is slog.Default. Tokens and secrets never stand there.
func Log(l *slog.Logger) Option {
	return func(v *Verifier) {
		if l != nil {
			v.log = l
		}
	}
}

// New makes a Verifier for the tokens of an issuer, an https address (http on loopback only). It asks nothing yet, so that a
// panel starts while its issuer does not answer.
func New(issuer string, how Tokens, opts ...Option) (*Verifier, error) {
	if err := reachable(issuer); err != nil {
		return nil, fmt.Errorf("stepup: issuer: %w", err)
	}
	if how.of == nil {
		return nil, errors.New("stepup: say how tokens are verified: JWT or Introspection")
	}
	v := &Verifier{issuer: issuer, audience: issuer, http: new(http.Client), log: slog.Default()}
	for _, o := range opts {
		o(v)
	}
	if v.audience == "" {
		return nil, errors.New("stepup: an empty audience")
	}
	if err := v.levels.valid(); err != nil {
		return nil, err
	}
	v.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	var err error
	v.verify, err = how.of(v)
	return v, err
}

// reachable reports why an address must not be asked: tokens and secrets go there.
func reachable(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is no address", address)
	}
	if u.Scheme == "https" {
		return nil
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme == "http" && (u.Hostname() == "localhost" || strings.HasSuffix(u.Hostname(), ".localhost") || ip != nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("%q is not https", address)
}

// Handler lets [Require] below it know whose tokens count. A request is verified at the first Require it meets, and once:
// what no Require protects is open, and costs nothing.
func (v *Verifier) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := &asked{v: v, header: r.Header, query: r.URL.RawQuery}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, asked)))
	})
}

type key struct{}

// asked is a request's token, verified when somebody wants to know.
type asked struct {
	v      *Verifier
	header http.Header
	query  string
	once   sync.Once
	token  *Token
	err    error
}

func (a *asked) verified(ctx context.Context) (*Token, error) {
	a.once.Do(func() {
		raw, err := bearer(a.header, a.query)
		if err != nil {
			a.err = err
			return
		}
		a.token, a.err = a.v.verify(ctx, raw, time.Now())
	})
	return a.token, a.err
}

// FromContext is the verified token of a request that passed [Require]. Elsewhere it is nil.
func FromContext(ctx context.Context) *Token {
	if t, ok := ctx.Value(passed{}).(*Token); ok {
		return t
	}
	return nil
}

type passed struct{}
