package op

import (
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// requirement turns a request into what the decision reads: what was asked, and the floors of client and scopes. The
// request can only raise what is needed.
func (p *Provider) requirement(v *view, a *authorization) (acr.Request, error) {
	r := acr.Request{
		ID:          secret.NewID(),
		Received:    p.now(),
		Client:      a.ClientID,
		AcrValues:   a.ACRValues,
		PromptNone:  slices.Contains(a.Prompt, oidc.PromptNone),
		PromptLogin: slices.Contains(a.Prompt, oidc.PromptLogin),
		Select:      slices.Contains(a.Prompt, oidc.PromptSelectAccount),
	}
	for _, name := range a.Scopes {
		r.Scopes = append(r.Scopes, acr.Scope{Name: name})
	}
	if a.MaxAge != nil {
		age := time.Duration(*a.MaxAge) * time.Second
		r.MaxAge = &age
	}
	levels(a, &r)
	if err := p.subject(v, a, &r); err != nil {
		return r, err
	}
	return request.Under(a.client.terms, a.client.Client, r, a.consent()), nil
}

// answer is what must be known of the request to answer it.
func (a *authorization) answer() request.Answer {
	return request.Answer{
		RedirectURI: a.RedirectURI, Mode: string(a.ResponseMode), State: a.State, Nonce: a.Nonce, Challenge: a.CodeChallenge,
		Claims: a.rawClaims, LoginHint: a.LoginHint, UILocales: a.languages,
	}
}

// consent is what the request says about it.
func (a *authorization) consent() consent.State {
	return consent.State{Prompt: slices.Contains(a.Prompt, oidc.PromptConsent)}
}

// levels reads acr_values, the acr claim and the client's defaults (OIDC Core §3.1.2.1, §5.5.1.1).
func levels(a *authorization, r *acr.Request) {
	var wish *claimWish
	if a.claims != nil {
		wish = a.claims.IDToken["acr"]
	}
	names, any := wish.named()
	switch {
	case any && wish.Essential:
		r.Essential, r.HasEssential = names, true
	case any:
		r.Wishes = names
	case len(a.ACRValues) == 0:
		r.Defaulted = true
	}
}

// subject reads who must answer: id_token_hint, or sub in the claims parameter.
func (p *Provider) subject(v *view, a *authorization, r *acr.Request) error {
	sub, ok := a.claims.subject()
	if !ok {
		return &refusal{string(oidc.LoginRequired), "the claims ask for more than one subject"}
	}
	if a.IDTokenHint != "" {
		hint, err := p.Tokens.ReadID(a.IDTokenHint, v.cfg.Issuer, p.now())
		if err != nil {
			return invalid("id_token_hint is not valid")
		}
		if sub != "" && sub != hint.Subject {
			return &refusal{string(oidc.LoginRequired), "id_token_hint and claims ask for different subjects"}
		}
		sub = hint.Subject
	}
	r.Subject = sub
	return nil
}
