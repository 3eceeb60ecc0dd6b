package federation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/soglia-sso/soglia/jwks"
	"github.com/soglia-sso/soglia/outbound"
)

const (
	freshFor      = time.Hour        // a discovery document is used without looking again
	staleFor      = 24 * time.Hour   // … and this long while the provider does not answer
	askAgainAfter = 10 * time.Second // after a failure nobody asks again
)

// metadata is a provider's discovery document, as far as it decides something (OIDC Discovery §3).
type metadata struct {
	endpoint oauth2.Endpoint
	userinfo string
	issuedBy bool // authorization_response_iss_parameter_supported (RFC 9207 §3)
	keys     *jwks.Remote
}

// discovery loads the document when it is needed and remembers it, and its absence for a moment: with a provider that
// hangs, one request waits for it and the others are told at once. It uses the process's own clock, because it compares
// only with itself.
type discovery struct {
	issuer string
	out    *outbound.Client

	lock   chan struct{} // a lock that can be waited for with a context
	found  *metadata
	loaded time.Time
	failed time.Time
	cause  error

	keysAt string // address of keys
	keys   *jwks.Remote
}

func newDiscovery(issuer string, out *outbound.Client) *discovery {
	return &discovery{issuer: issuer, out: out, lock: make(chan struct{}, 1)}
}

// get returns the document, or ErrUnavailable.
func (d *discovery) get(ctx context.Context) (*metadata, error) {
	select {
	case d.lock <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: waiting for discovery: %w", ErrUnavailable, ctx.Err())
	}
	defer func() { <-d.lock }()
	if d.found != nil && time.Since(d.loaded) < freshFor {
		return d.found, nil
	}
	if d.failed.IsZero() || time.Since(d.failed) >= askAgainAfter {
		// The load outlives a browser that went away: the next one needs it too.
		load, cancel := context.WithTimeout(context.WithoutCancel(ctx), outbound.Patience)
		m, err := d.load(load)
		cancel()
		if err == nil {
			d.found, d.loaded, d.failed, d.cause = m, time.Now(), time.Time{}, nil
			return m, nil
		}
		d.failed, d.cause = time.Now(), err
	}
	if d.found != nil && time.Since(d.loaded) < staleFor {
		return d.found, nil
	}
	return nil, fmt.Errorf("%w: discovery: %s", ErrUnavailable, clip(d.cause))
}

func (d *discovery) load(ctx context.Context) (*metadata, error) {
	ctx = oidc.ClientContext(ctx, d.out.HTTP)
	p, err := oidc.NewProvider(ctx, d.issuer) // compares issuer
	if err != nil {
		return nil, err
	}
	var more struct {
		JWKS        string   `json:"jwks_uri"`
		IssuedBy    bool     `json:"authorization_response_iss_parameter_supported"`
		AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := p.Claims(&more); err != nil {
		return nil, err
	}
	m := &metadata{endpoint: p.Endpoint(), userinfo: p.UserInfoEndpoint(), issuedBy: more.IssuedBy}
	for what, u := range map[string]string{
		"authorization_endpoint": m.endpoint.AuthURL,
		"token_endpoint":         m.endpoint.TokenURL,
		"jwks_uri":               more.JWKS,
		"userinfo_endpoint":      m.userinfo,
	} {
		if u == "" && what == "userinfo_endpoint" {
			continue
		}
		if err := d.out.Reachable(u); err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
	}
	// Said outright: trying both, as the library would, uses up the code. The default is Basic (OIDC Discovery §3).
	m.endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if more.AuthMethods != nil && !slices.Contains(more.AuthMethods, "client_secret_basic") {
		m.endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	if d.keysAt != more.JWKS {
		d.keysAt, d.keys = more.JWKS, &jwks.Remote{Every: time.Minute, Fetch: func(ctx context.Context) ([]byte, error) { return d.out.Document(ctx, more.JWKS) }}
	}
	m.keys = d.keys
	return m, nil
}
