package stepup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Introspection asks the issuer about every token (RFC 7662), as a client of its own with a secret. It knows at once that a
// session is over, that a level has lapsed or that a token was revoked. Nothing is kept: with Soglia a question costs one
// statement. Soglia shows a client its own tokens, and those of the clients under its introspect: in the YAML.
func Introspection(client, secret string) Tokens {
	return Tokens{func(v *Verifier) (verify, error) {
		if client == "" || secret == "" {
			return nil, errors.New("stepup: Introspection wants a client and its secret")
		}
		return (&introspection{v, client, secret}).verify, nil
	}}
}

type introspection struct {
	v              *Verifier
	client, secret string
}

func (i *introspection) verify(ctx context.Context, token string, now time.Time) (*Token, error) {
	m, err := i.v.about.current(ctx, i.v, now)
	if err != nil {
		return nil, err
	}
	raw, err := i.ask(ctx, m.Introspection, token)
	if err != nil {
		return nil, err
	}
	var c claims
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, errors.New("stepup: an introspection answer that is none")
	}
	switch {
	case !c.Active:
		return nil, invalid("The access token is not valid.")
	case !strings.EqualFold(c.TokenType, "Bearer"): // a refresh token is active, too, and then of no type
		return nil, invalid("The token is no bearer token.")
	case c.Issuer != "" && c.Issuer != i.v.issuer: // RFC 7662 §2.2: both may be left out
		return nil, invalid("The access token is of another issuer.")
	case len(c.Audience) > 0 && !c.Audience.has(i.v.audience):
		return nil, invalid("The access token is for another audience.")
	case c.Subject == "":
		return nil, invalid("The access token lacks a claim.")
	}
	if err := c.timely(now); err != nil {
		return nil, err
	}
	return c.token(), nil
}

func (i *introspection) ask(ctx context.Context, endpoint, token string) ([]byte, error) {
	if err := reachable(endpoint); err != nil {
		return nil, fmt.Errorf("introspection_endpoint: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(url.QueryEscape(i.client), url.QueryEscape(i.secret)) // RFC 6749 §2.3.1
	return i.v.answer(r)
}
