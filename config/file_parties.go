package config

// FileProvider is an entry of the map "providers".
type FileProvider struct {
	// Kind of provider; oidc is any with discovery.
	Type string `yaml:"type" required:"yes" choices:"oidc|google|facebook"`
	// Name on the button; the entry's own name when left out.
	Name string `yaml:"name"`
	// Its issuer (oidc).
	Issuer string `yaml:"issuer"`
	// Our id there.
	ClientID string `yaml:"client_id"`
	// Our secret there.
	ClientSecret Secret `yaml:"client_secret"`
	// Our id there (facebook).
	AppID string `yaml:"app_id"`
	// Our secret there (facebook).
	AppSecret Secret `yaml:"app_secret"`
	// Version of its interface (facebook).
	Graph string `yaml:"graph"`
	// Only people of this Workspace (google).
	HD string `yaml:"hd"`
	// It lives in a private network, which is refused otherwise.
	Private bool `yaml:"private"`
	// Level that every sign-in through it needs.
	Floor string `yaml:"floor"`
	// Its acr values that are believed, and the level each stands for.
	TrustAcr map[string]string `yaml:"trust_acr"`
	// Who proves a re-authentication: the provider, by its auth_time, or the person's own factor.
	Reauth string `yaml:"reauth" default:"local" choices:"upstream|local"`
}

// FileClient is an item of the list "clients".
type FileClient struct {
	// client_id: letters, digits, . _ ~ -; not account, which is the account area's own.
	ID string `yaml:"id" required:"yes"`
	// Name people read; the id when left out.
	Name string `yaml:"name"`
	// Program whose ready-made settings count where this client says nothing: PKCE, auth_method, addresses below base_url, scopes,
	// claims_in … "soglia client snippet" prints them, and the program's own side.
	Preset string `yaml:"preset" choices:"@presets"`
	// Address of that program, such as https://webmail.example.it.
	BaseURL string `yaml:"base_url"`
	// {sha256: hex} as "soglia client hash-secret" prints it, ${file:…} or ${env:…}; a list of two while rotating. It must be
	// random, of 128 bits or more: wrong secrets are slowed down, but the right one always opens.
	Secret ClientSecrets `yaml:"secret"`
	// A program that can keep no secret: PKCE is its only proof.
	Public bool `yaml:"public"`
	// An installed program (RFC 8252): any port of a loopback redirect URI, and custom schemes when public.
	Native bool `yaml:"native"`
	// How the client authenticates, exactly: client_secret_basic, client_secret_post, a list of the two, private_key_jwt or none.
	// Left out: both ways of sending the secret; private_key_jwt when it has keys; none when public.
	AuthMethod AuthMethods `yaml:"auth_method"`
	// Its public keys, for private_key_jwt: {keys: […]}.
	JWKS ClientKeys `yaml:"jwks"`
	// Where its public keys are, for private_key_jwt.
	JWKSURI string `yaml:"jwks_uri"`
	// What the aud of its assertions must be; token_endpoint, beside the issuer, is for older programs.
	AssertionAudience string `yaml:"assertion_audience" default:"issuer" choices:"issuer|token_endpoint"`
	// Where codes may go, compared exactly.
	RedirectURIs []string `yaml:"redirect_uris"`
	// Page of the panel that begins a sign-in.
	InitiateLoginURI string `yaml:"initiate_login_uri"`
	// Where people may land after signing out, compared exactly.
	PostLogoutRedirectURIs []string `yaml:"post_logout_redirect_uris"`
	// Where the panel's server is told that a person's stay is over (OIDC Back-Channel Logout): by sid and sub, whatever ended it.
	// https; an address in a private network needs backchannel.allow.
	BackchannelLogoutURI string `yaml:"backchannel_logout_uri"`
	// For a panel that has no server to be told: the page on which a person signs out loads this address in a hidden frame, with
	// iss and sid (OIDC Front-Channel Logout). https, of the scheme, host and port of a redirect URI. Browsers often keep the
	// panel's cookies out of frames, and no other end of a stay reaches it: where there is a backchannel_logout_uri, that alone counts.
	FrontchannelLogoutURI string `yaml:"frontchannel_logout_uri"`
	// Scopes the client may ask for; openid when left out.
	Scopes []string `yaml:"scopes"`
	// Level below which nobody gets in, whatever a request says: what protects a panel that looks at neither scope nor acr.
	RequireAcr string `yaml:"require_acr"`
	// Scopes of its list without which nobody gets in, whatever a request says: each is in every request, and asked for as with
	// on_unmet: step_up. Who does not get one is stopped on a page of ours. It protects a panel that looks at no scope, by more than a level.
	RequireScopes []string `yaml:"require_scopes"`
	// Levels wished for when a request names none.
	DefaultAcrValues []string `yaml:"default_acr_values"`
	// What happens to scopes whose level is not held: one word, or one per scope. Overrides the scopes' own.
	OnUnmet OnUnmet `yaml:"on_unmet"`
	// required: a listed value is a must (RFC 9470); best_effort: for panels that cannot take the error.
	AcrValues string `yaml:"acr_values" default:"required" choices:"required|best_effort"`
	// optional: for confidential clients that cannot do PKCE.
	PKCE string `yaml:"pkce" default:"required" choices:"required|optional"`
	// Algorithm of its ID tokens; signing.id_token when left out.
	IDTokenAlg string `yaml:"id_token_alg" choices:"RS256|ES256|EdDSA"`
	// Form of its access tokens. Left out: JWT, but opaque with a floored scope, so that it can be ended at once.
	AccessToken string `yaml:"access_token" choices:"jwt|opaque"`
	// typ in the header of its JWT access tokens (RFC 9068 §2.1). JWT is for old programs that refuse any other: it is weaker, because
	// by aud and client_id alone such a token is told from an ID token.
	AccessTokenTyp string `yaml:"access_token_typ" default:"at+jwt" choices:"at+jwt|JWT"`
	// How answers come back; both when left out.
	ResponseModes []string `yaml:"response_modes" choices:"query|form_post"`
	// Authorization answers to it have no iss (RFC 9207), for an old program that refuses a parameter it does not know. A panel
	// that has other providers, too, then cannot tell whose answer it holds.
	OmitIss bool `yaml:"omit_iss"`
	// Where a person's claims are put; userinfo when left out.
	ClaimsIn []string `yaml:"claims_in" choices:"id_token|userinfo"`
	// Claims under names of this client's own, beside those its scopes open: firstname: given_name says a claim once more, whenever
	// that one is said; tier: {value: gold} is a constant (a text, number, true or false, or list of texts), which comes always.
	Claims map[string]ClientClaim `yaml:"claims"`
	// Grants it may use; authorization_code and refresh_token when left out.
	Grants []string `yaml:"grants" choices:"authorization_code|refresh_token|client_credentials"`
	// Whether people are asked before their data goes there: never, once, or each time. Never is for own panels.
	Consent string `yaml:"consent" default:"skip" choices:"skip|first|always"`
	// Clients whose tokens it may look at besides its own, for a panel that is called with tokens of others; all is every client.
	Introspect Introspect `yaml:"introspect"`
	// Web origins from which its script may call the token, revocation and userinfo endpoints and read every answer of
	// theirs, errors too (CORS). Never with cookies.
	Origins []string `yaml:"origins"`
	// The panel understands tokens with act.
	Delegation bool `yaml:"delegation"`
}
