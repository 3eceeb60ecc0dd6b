package federation

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/soglia-sso/soglia/jwks"
	"github.com/soglia-sso/soglia/outbound"
)

const (
	skew        = time.Minute
	oldestToken = 10 * time.Minute // an ID token fresh from the token endpoint is not older
)

// openID is a provider that speaks OpenID Connect as written, found by its discovery document.
type openID struct {
	settings   Settings
	discovery  *discovery
	deviations deviations
}

func newOIDC(s Settings, out *outbound.Client) (provider, error) { return newOpenID(s, out) }

func newOpenID(s Settings, out *outbound.Client) (*openID, error) {
	if err := out.Reachable(s.Issuer); err != nil {
		return nil, fmt.Errorf("issuer %q: %w", s.Issuer, err)
	}
	if s.ClientID == "" || s.RedirectURI == "" {
		return nil, errors.New("client id and redirect URI are needed")
	}
	if len(s.Scopes) == 0 {
		s.Scopes = []string{oidc.ScopeOpenID, "email", "profile"}
	}
	return &openID{settings: s, discovery: newDiscovery(s.Issuer, out)}, nil
}

func (d *openID) oauth(m *metadata) *oauth2.Config {
	c := &oauth2.Config{
		ClientID:     d.settings.ClientID,
		ClientSecret: d.settings.ClientSecret,
		Endpoint:     m.endpoint,
		RedirectURL:  d.settings.RedirectURI,
		Scopes:       d.settings.Scopes,
	}
	if c.ClientSecret == "" {
		c.Endpoint.AuthStyle = oauth2.AuthStyleInParams // client_id only: a public client
	}
	return c
}

func (d *openID) authorize(ctx context.Context, q question) (string, error) {
	m, err := d.discovery.get(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(q.nonce), oauth2.S256ChallengeOption(q.verifier)}
	if d.deviations.ask != nil {
		for _, p := range d.deviations.ask(&q.ask) {
			options = append(options, oauth2.SetAuthURLParam(p.name, p.value))
		}
	}
	for name, value := range map[string]string{
		"prompt": q.ask.Prompt, "login_hint": q.ask.LoginHint, "ui_locales": q.ask.UILocales,
	} {
		if value != "" {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	if q.ask.MaxAge != nil {
		options = append(options, oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(q.ask.MaxAge.Seconds()))))
	}
	return d.oauth(m).AuthCodeURL(q.state, options...), nil
}

func (d *openID) identify(ctx context.Context, a answer) (*Identity, error) {
	m, err := d.discovery.get(ctx)
	if err != nil {
		return nil, err
	}
	// RFC 9207 §2.4: before anything of the answer is used, errors included (RFC 9700 §4.4: mix-up).
	if a.iss != d.settings.Issuer && !slices.Contains(d.deviations.issuers, a.iss) && (a.iss != "" || m.issuedBy) {
		return nil, fmt.Errorf("%w: iss parameter", ErrInvalid)
	}
	if a.failure != "" {
		return nil, refusal(a.failure)
	}
	if a.code == "" {
		return nil, fmt.Errorf("%w: neither code nor error", ErrInvalid)
	}
	ctx = oidc.ClientContext(ctx, d.discovery.out.HTTP)
	token, err := d.oauth(m).Exchange(ctx, a.code, oauth2.VerifierOption(a.verifier))
	if err != nil {
		return nil, exchangeError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, fmt.Errorf("%w: no ID token", ErrInvalid)
	}
	id, err := d.verify(ctx, m, raw, a)
	if err != nil {
		return nil, err
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return nil, fmt.Errorf("%w: at_hash", ErrInvalid)
		}
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return nil, fmt.Errorf("%w: claims", ErrInvalid)
	}
	if text(c.Email) == "" && m.userinfo != "" {
		// Not knowing which addresses the provider reported would make a code to one of them look independent.
		more, err := d.userinfo(ctx, m, token.AccessToken, id.Subject, a.now)
		if err != nil {
			return nil, err
		}
		c.fill(more)
	}
	i, err := c.identity(d.settings.Name, id.Subject, a.now)
	if err == nil && d.deviations.ownsMailbox != nil {
		for k := range i.Emails {
			i.Emails[k].Authoritative = i.Emails[k].Verified && d.deviations.ownsMailbox(&c)
		}
	}
	return i, err
}

// verify applies OIDC Core §3.1.3.7 and returns a token that is for us, about this sign-in, and of now.
func (d *openID) verify(ctx context.Context, m *metadata, raw string, a answer) (*oidc.IDToken, error) {
	keys := &signatures{keys: m.keys, now: a.now}
	id, err := oidc.NewVerifier(d.settings.Issuer, keys, &oidc.Config{
		ClientID:             d.settings.ClientID,
		SupportedSigningAlgs: algorithms(),
		Now:                  func() time.Time { return a.now },
	}).Verify(ctx, raw)
	if keys.err != nil {
		return nil, tellApart("keys", keys.err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: ID token: %s", ErrInvalid, clip(err))
	}
	var azp struct {
		Party *string `json:"azp"`
	}
	switch {
	case id.Claims(&azp) != nil, azp.Party != nil && *azp.Party != d.settings.ClientID:
		return nil, fmt.Errorf("%w: azp", ErrInvalid)
	case len(id.Audience) != 1: // no other audience is trusted (no. 3 of the list)
		return nil, fmt.Errorf("%w: aud", ErrInvalid)
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.nonce)) != 1:
		return nil, fmt.Errorf("%w: nonce", ErrInvalid)
	case id.IssuedAt.After(a.now.Add(skew)), id.IssuedAt.Before(a.now.Add(-oldestToken)):
		return nil, fmt.Errorf("%w: iat", ErrInvalid)
	}
	if d.deviations.accept != nil {
		if err := d.deviations.accept(id); err != nil {
			return nil, err
		}
	}
	return id, nil
}

// refusal is the provider's own error answer (OIDC Core §3.1.2.6, RFC 6749 §4.1.2.1). Its text never goes further.
func refusal(code string) error {
	switch code {
	case "access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required",
		"unmet_authentication_requirements":
		return fmt.Errorf("%w: %s", ErrDenied, code)
	case "server_error", "temporarily_unavailable":
		return fmt.Errorf("%w: %s", ErrUnavailable, code)
	}
	return fmt.Errorf("%w: error parameter %s", ErrInvalid, clip(errors.New(code)))
}

// exchangeError: a refused code is a bad answer, everything else is the provider's or the operator's trouble.
func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return tellApart("token", err)
	}
	kind := ErrUnavailable
	if refused.ErrorCode == "invalid_grant" {
		kind = ErrInvalid
	}
	return fmt.Errorf("%w: token endpoint: status %d, %s", kind, refused.Response.StatusCode, clip(errors.New(refused.ErrorCode)))
}

// tellApart tells a provider that cannot be reached from one that says nonsense.
func tellApart(what string, err error) error {
	var transport *url.Error
	if errors.As(err, &transport) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.Is(err, outbound.ErrTooLong) || errors.Is(err, jwks.ErrAway) {
		return fmt.Errorf("%w: %s: %s", ErrUnavailable, what, clip(err))
	}
	return fmt.Errorf("%w: %s: %s", ErrInvalid, what, clip(err))
}

// clip makes a foreign text fit for a log line. The address of a failed request is left out: a query may hold a token.
func clip(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return clean(err.Error(), 200)
}
