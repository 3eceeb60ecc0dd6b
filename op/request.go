package op

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/soglia-sso/soglia/request"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// authorization is a parsed authorization request: the library's type for the standard parameters, with the claims
// parameter, which it lacks, and the languages as sent.
type authorization struct {
	oidc.AuthRequest
	client    *client
	claims    *claimsRequest
	rawClaims json.RawMessage
	languages string
}

// refusal is an error that goes to the panel by redirect (RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6).
type refusal struct{ code, description string }

func (r *refusal) Error() string { return r.code + ": " + r.description }

// requestURINotSupported is missing from the library's list of codes (OIDC Core §3.1.2.6).
const requestURINotSupported = "request_uri_not_supported"

// authorizationFields are the parameters we read.
var authorizationFields = []string{
	"response_type", "response_mode", "scope", "state", "nonce", "prompt", "max_age", "acr_values", "claims",
	"login_hint", "ui_locales", "claims_locales", "display", "id_token_hint", "code_challenge", "code_challenge_method",
}

// readAuthorization parses an authorization request. Without a known client and its registered redirect URI the error
// is a *web.Error, a page of our own; afterwards it is a *refusal beside as much of the request as an answer needs.
func (v *view) readAuthorization(p params) (*authorization, error) {
	a := &authorization{}
	// A client or redirect URI given twice or undecodable is one we do not know.
	if p.broken == "client_id" || p.twice == "client_id" || p.tooLong("client_id") != "" {
		return a, request.ErrUnknownClient
	}
	a.ClientID = p.get("client_id")
	if a.client = v.clients[a.ClientID]; a.client == nil {
		return a, request.ErrUnknownClient
	}
	if p.broken == "redirect_uri" || p.twice == "redirect_uri" || p.tooLong("redirect_uri") != "" {
		return a, redirectURIPage()
	}
	a.RedirectURI = p.get("redirect_uri")
	if !registered(a.RedirectURI, a.client.RedirectURIs, a.client.Native) {
		return a, redirectURIPage()
	}
	return a, a.read(v, p)
}

// read checks the rest, in the order that helps whoever reads the error most.
func (a *authorization) read(v *view, p params) error {
	// A valid state is sent back with every answer, an invalid one with none.
	if p.twice != "state" && p.tooLong("state") == "" {
		a.State = p.get("state")
	}
	a.ResponseMode = a.client.mode()
	if m := oidc.ResponseMode(p.get("response_mode")); m != "" && p.twice != "response_mode" {
		if a.client.answers(m) && (m != oidc.ResponseModeFormPost || posts(a.RedirectURI)) {
			a.ResponseMode = m
		} else if m == oidc.ResponseModeQuery || m == oidc.ResponseModeFormPost {
			return &refusal{string(oidc.UnauthorizedClient), "response_mode is not allowed to this client"}
		} else {
			return invalid("response_mode is not supported")
		}
	}
	switch {
	case p.many:
		return invalid("too many parameters")
	case p.broken != "":
		return invalid("a parameter holds characters that are not allowed")
	case p.twice != "":
		return invalid("a parameter was given twice")
	case p.tooLong(authorizationFields...) != "":
		return invalid(p.tooLong(authorizationFields...) + " is too long")
	}
	switch {
	case p.has("request"):
		return &refusal{string(oidc.RequestNotSupported), "request objects are not supported"}
	case p.has("request_uri"):
		return &refusal{requestURINotSupported, "request_uri is not supported"}
	}
	if err := a.readResponseType(p); err != nil {
		return err
	}
	if err := a.readScope(v, p); err != nil {
		return err
	}
	if err := a.readChallenge(p); err != nil {
		return err
	}
	if err := a.readPrompt(p); err != nil {
		return err
	}
	a.Nonce, a.LoginHint, a.languages = p.get("nonce"), p.get("login_hint"), p.get("ui_locales")
	a.IDTokenHint = p.get("id_token_hint")
	a.ACRValues = strings.Fields(p.get("acr_values"))
	// display, claims_locales and unknown parameters change nothing and are no error (OIDC Core §3.1.2.1).
	return a.readClaims(p)
}

// posts reports whether a form can be posted there. An app's own scheme takes no body (RFC 8252 §7.1): the person would be
// left on a page whose button does nothing.
func posts(uri string) bool {
	return strings.HasPrefix(uri, "https://") || strings.HasPrefix(uri, "http://")
}

func (a *authorization) readResponseType(p params) error {
	a.ResponseType = oidc.ResponseType(p.get("response_type"))
	switch {
	case a.ResponseType == "":
		return invalid("response_type is missing")
	case a.ResponseType != oidc.ResponseTypeCode:
		return &refusal{"unsupported_response_type", "only code is supported"}
	case !a.client.may(oidc.GrantTypeCode):
		return &refusal{string(oidc.UnauthorizedClient), "the client may not use the authorization code flow"}
	}
	return nil
}

// readScope drops unknown scopes (RFC 6749 §3.3), and refuses known ones that the client may not have (A18).
func (a *authorization) readScope(v *view, p params) error {
	names, ok := words(p.get("scope"), maxScopes)
	if !ok {
		return invalid("scope has too many values")
	}
	for _, name := range names {
		if _, allowed := a.client.terms.Scopes[name]; allowed {
			a.Scopes = append(a.Scopes, name)
		} else if v.known[name] {
			return &refusal{string(oidc.InvalidScope), "a scope is not allowed to this client"}
		}
	}
	if len(a.Scopes) == 0 {
		return &refusal{string(oidc.InvalidScope), "scope is empty"}
	}
	return nil
}

const maxScopes = 64

// readChallenge demands PKCE with S256 of everyone, confidential clients included, unless YAML says pkce: optional
// (RFC 9700 §2.1.1). plain is refused always.
func (a *authorization) readChallenge(p params) error {
	a.CodeChallenge = p.get("code_challenge")
	a.CodeChallengeMethod = oidc.CodeChallengeMethod(p.get("code_challenge_method"))
	if a.CodeChallenge == "" {
		if a.CodeChallengeMethod != "" || !a.client.PKCEOptional || a.client.Public {
			return invalid("code_challenge is missing")
		}
		return nil
	}
	if a.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return invalid("code_challenge_method must be S256")
	}
	if len(a.CodeChallenge) != 43 || !unreserved(a.CodeChallenge) { // base64url of 32 bytes, RFC 7636 §4.2
		return invalid("code_challenge is malformed")
	}
	return nil
}

// unreserved reports whether s holds only what a PKCE value may hold (RFC 7636 §4.1).
func unreserved(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~') {
			return false
		}
	}
	return true
}

func (a *authorization) readPrompt(p params) error {
	a.Prompt = strings.Fields(p.get("prompt"))
	for _, v := range a.Prompt {
		switch v {
		case oidc.PromptNone:
			if len(a.Prompt) > 1 {
				return invalid("prompt=none stands alone")
			}
		case oidc.PromptLogin, oidc.PromptConsent, oidc.PromptSelectAccount:
		default:
			return invalid("prompt is not supported")
		}
	}
	if s := p.get("max_age"); s != "" {
		n, err := strconv.ParseUint(s, 10, 31) // 31 bits are 68 years; larger numbers only try to overflow
		if err != nil || s[0] == '+' {
			return invalid("max_age is not a number of seconds")
		}
		age := uint(n)
		a.MaxAge = &age
	}
	return nil
}

func (a *authorization) readClaims(p params) error {
	raw := p.get("claims")
	if raw == "" {
		return nil
	}
	c, err := parseClaims([]byte(raw))
	if err != nil {
		return invalid("claims is malformed")
	}
	a.claims, a.rawClaims = c, json.RawMessage(raw)
	return nil
}

func invalid(description string) error { return &refusal{string(oidc.InvalidRequest), description} }
