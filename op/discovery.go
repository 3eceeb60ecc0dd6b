package op

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/text/language"
)

// The paths of the endpoints, below the issuer.
const (
	pathAuthorize  = "/authorize"
	pathToken      = "/token"
	pathUserinfo   = "/userinfo"
	pathJWKS       = "/jwks"
	pathIntrospect = "/introspect"
	pathRevoke     = "/revoke"
	pathLogout     = "/end_session"
	pathDiscovery  = oidc.DiscoveryEndpoint
	pathMetadata   = "/.well-known/oauth-authorization-server"
)

const discoveryMaxAge = 5 * time.Minute

// metadata is the library's discovery document with what it lacks (RFC 9207 §3, OIDC prompt_values_supported, OIDC
// Front-Channel Logout §3).
type metadata struct {
	oidc.DiscoveryConfiguration
	IssParameter bool     `json:"authorization_response_iss_parameter_supported"`
	Prompts      []string `json:"prompt_values_supported"`
	Front        bool     `json:"frontchannel_logout_supported"`
	FrontSession bool     `json:"frontchannel_logout_session_supported"`
}

// discovery renders the metadata, the same text for OpenID Connect Discovery §3 and RFC 8414 §2. It says what works and
// nothing else (A08).
func discovery(cfg *config.Config, known map[string]bool) *web.Document {
	scopes := slices.Clone(standardScopes)
	for _, s := range slices.Sorted(maps.Keys(known)) {
		if !slices.Contains(scopes, s) && !slices.Contains(config.PeopleScopes, s) {
			scopes = append(scopes, s)
		}
	}
	claims := slices.Clone(protocolClaims)
	for _, s := range scopes {
		for _, name := range cfg.Opens(s) {
			if !slices.Contains(claims, name) {
				claims = append(claims, name)
			}
		}
	}
	var languages oidc.Locales
	for _, l := range cfg.Locales.Offered {
		if tag, err := language.Parse(l); err == nil {
			languages = append(languages, tag)
		}
	}
	secrets := []oidc.AuthMethod{oidc.AuthMethodBasic, oidc.AuthMethodPost, oidc.AuthMethodPrivateKeyJWT}
	all := append(slices.Clone(secrets), oidc.AuthMethodNone)
	signed := names(assertionAlgorithms)
	var grants []oidc.GrantType
	for _, g := range grantTypes {
		grants = append(grants, g.name)
	}
	body, err := json.Marshal(metadata{
		DiscoveryConfiguration: oidc.DiscoveryConfiguration{
			Issuer:                                     cfg.Issuer,
			AuthorizationEndpoint:                      cfg.Issuer + pathAuthorize,
			TokenEndpoint:                              cfg.Issuer + pathToken,
			UserinfoEndpoint:                           cfg.Issuer + pathUserinfo,
			EndSessionEndpoint:                         cfg.Issuer + pathLogout,
			JwksURI:                                    cfg.Issuer + pathJWKS,
			ScopesSupported:                            scopes,
			ResponseTypesSupported:                     []string{string(oidc.ResponseTypeCode)},
			ResponseModesSupported:                     []string{string(oidc.ResponseModeQuery), string(oidc.ResponseModeFormPost)},
			GrantTypesSupported:                        grants,
			ACRValuesSupported:                         levelNames(cfg.Policy),
			SubjectTypesSupported:                      []string{"public"},
			IDTokenSigningAlgValuesSupported:           names(tokens.Algorithms),
			TokenEndpointAuthMethodsSupported:          all,
			TokenEndpointAuthSigningAlgValuesSupported: signed,
			IntrospectionEndpoint:                      cfg.Issuer + pathIntrospect,
			IntrospectionEndpointAuthMethodsSupported:  secrets,
			IntrospectionEndpointAuthSigningAlgValuesSupported: signed,
			RevocationEndpoint:                              cfg.Issuer + pathRevoke,
			RevocationEndpointAuthMethodsSupported:          all,
			RevocationEndpointAuthSigningAlgValuesSupported: signed,
			ClaimTypesSupported:                             []string{"normal"},
			ClaimsSupported:                                 append(claims, tokens.ClaimAuthn),
			ClaimsParameterSupported:                        true,
			CodeChallengeMethodsSupported:                   []oidc.CodeChallengeMethod{oidc.CodeChallengeMethodS256},
			UILocalesSupported:                              languages,
			BackChannelLogoutSupported:                      true,
			BackChannelLogoutSessionSupported:               true,
		},
		IssParameter: true,
		Front:        true,
		FrontSession: true,
		Prompts:      []string{oidc.PromptNone, oidc.PromptLogin, oidc.PromptConsent, oidc.PromptSelectAccount},
	})
	if err != nil {
		panic(err) // strings and booleans only
	}
	return web.NewDocument("application/json", body, discoveryMaxAge)
}

// levelNames are the acr values, weakest first: whoever asks for all of them at once is content with one held already. Panels
// go by this order (package stepup), so an alias stands right behind its level and never behind the next one.
func levelNames(p *acr.Policy) []string {
	var out []string
	for _, l := range p.Levels {
		out = append(append(out, l.Name), l.Aliases...)
	}
	return out
}

func names(algorithms []jose.SignatureAlgorithm) []string {
	var out []string
	for _, a := range algorithms {
		out = append(out, string(a))
	}
	return out
}
