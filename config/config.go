// Package config turns what operators write into one immutable, checked snapshot.
//
// It owns the YAML's shape, its defaults, the references inside it (scope, level, provider, channel), the secrets it
// points to, and the words of its errors. It leaves obeying it to the packages that receive the snapshot, and the keys of a
// gateway to its driver, which is handed in ([Drivers]).
//
// Easy to get wrong: silence. A key that is misspelt, repeated or not built yet is an error with its place, never
// ignored; a reload with a mistake keeps the old snapshot.
package config

import (
	"net/netip"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
)

// Config is one snapshot. Nothing in it changes after Load; share it freely.
type Config struct {
	Issuer         string // exact, without trailing slash
	Listen         string
	InnerHosts     []string // host or host:port, lower case, that back channels may use beside the issuer's
	TLS            *TLS     // nil = a proxy has the certificate
	Admin          string
	Health         string // host:port, "" = nowhere
	TrustedProxies []netip.Prefix
	Storage        Storage
	MasterKey      []byte `json:"-"`
	Signing        Signing
	Locales        Locales
	Branding       Branding
	Home           string // client id
	Identifiers    []string
	Sessions       Sessions
	Registration   Registration
	Invitation     Invitation
	Policy         *acr.Policy
	Groups         map[string]Group
	Members        map[string][]string // groups that the YAML puts people into, sorted, by canonical user name
	Scopes         map[string]Scope    // with a floor or a title; the standard ones need no entry
	Factors        Factors
	Password       Password
	Editable       []string // claims that people change by themselves
	Contacts       Contacts
	Channels       Channels
	Webhook        *Webhook   // who is told of events; nil = nobody
	Providers      []Provider // in the order written
	Lifetimes      Lifetimes
	Refresh        Refresh
	Backchannel    []netip.Prefix // private networks in which programs may be told what happened
	Limits         Limits
	Alerts         Alerts
	Clients        map[string]*Client
	Dev            bool // set by demo only: plain http on *.localhost, the ribbon, no HSTS

	// SwitchedOff names what the file asks for and this version lacks, in the order of notyet.go; only filled
	// under Options.SwitchOff (elsewhere each is an error).
	SwitchedOff []string

	Warnings []Mistake `json:"-"` // what is allowed but probably not meant, in the order of the files
}

// ReserveCodes reports whether reserve codes are handed out and good for something.
func (c *Config) ReserveCodes() bool {
	return c.Factors.Recovery > 0 && slices.ContainsFunc(c.Policy.Levels, func(l acr.Level) bool {
		return slices.Contains(l.Second, acr.Recovery)
	})
}

// Storage is where things are kept.
type Storage struct {
	URL    string `json:"-"` // postgres://… or sqlite:file; may hold a password
	Pool   int    // connections; 0 = 16
	Pooler string // "" or "transaction": no named statements
}

// What is in force as it is written, defaults put in.
type (
	Signing    = FileSigning
	Support    = FileSupport
	Invitation = FileInvitation
	Lifetimes  = FileLifetimes
	Limits     = FileLimits
	Alerts     = FileAlerts
)

// Locales are the languages of pages and messages.
type Locales struct {
	Default string
	Offered []string
	Zone    string // IANA name; of people whose own is not known
}

// Branding is what people see of the provider.
type Branding struct {
	Name    string
	LogoSVG string // content of the file, checked to be an image without script; "" = none
	Accent  string // "#rrggbb"
	Support Support
}

// Sessions are the limits of single sign-on.
type Sessions struct {
	Idle       time.Duration
	Absolute   time.Duration
	RememberMe time.Duration // 0 = off
}

// Registration is how accounts come to be.
type Registration struct {
	Open      bool // a social login that no account has makes one
	PeopleAPI bool // the operator's own system makes and keeps them (/api/people)
}

// Scope is a scope with its floor and its words.
type Scope struct {
	Name    string
	Level   string // "" = no floor
	MaxAge  time.Duration
	OnUnmet acr.OnUnmet // "" = step_up
	Title   map[string]string
	Claims  []string // that it opens, beside those of StandardClaims
}

// Factors are the second factors' numbers.
type Factors struct {
	TOTP     TOTP
	Codes    Codes
	Recovery int // how many codes; 0 = off
}

// TOTP is the app. Issuer is shown in it.
type TOTP struct{ Issuer string }

// Codes are the one-time codes sent to a contact; by which channels is in the policy.
type Codes struct {
	Digits      int
	TTL         time.Duration
	Tries       int
	ResendAfter time.Duration
	PerHour     map[string]int // by channel
	PerDay      map[string]int // by channel; half of them only from known devices
}

// Password are the rules of passwords.
type Password struct {
	Min        int    // bytes after NFC
	Memory     uint32 // argon2id m, KiB
	Iterations uint32 // argon2id t
}

// Contacts are the rules of addresses.
type Contacts struct {
	Cooling time.Duration // how long a changed one opens nothing sensitive
	Revert  time.Duration // how long a change can be taken back
}

// Channels are the gateways of every channel (email, sms, whatsapp) that messages leave by, in the order written.
type Channels map[string][]Gateway

// Gateway is one that takes messages.
type Gateway struct {
	Driver   string   // smtp, outbox (dev and tests: kept in memory), …
	Name     string   // in addresses for receipts, records and logs; no other gateway has it
	For      []string // prefixes of numbers it serves, "*" for all others: the longest wins
	Settings Settings `json:"-"` // the driver's own, with its secrets
}

// Provider is a social provider; what its sign-ins are worth is in the policy.
type Provider struct {
	Name         string // key in YAML
	Title        string // shown on the button
	Type         string // oidc, google, facebook
	Issuer       string // oidc
	ClientID     string
	ClientSecret string `json:"-"`
	Graph        string // facebook: version of its interface; "" = the one built in
	HostedDomain string // google: only people of this Workspace; "" = everybody
	Private      bool   // it may live in a private network
}

// Callback is where a social provider sends people back to: the redirect URI to be registered there, exactly.
func (c *Config) Callback(provider string) string { return c.Issuer + "/callback/" + provider }

// Refresh says what happens to a refresh token that is used.
type Refresh struct {
	Always bool          // every client's is replaced, not only that of a public or native one
	Leeway time.Duration // 0 to 60 s: how long a replaced one may be repeated
}

// Rotates reports whether the client's refresh tokens are replaced at each use. A program that people install keeps no
// secret, whatever it was given (RFC 8252 §8.5).
func (r Refresh) Rotates(c *Client) bool { return r.Always || c.Public || c.Native }

// Client is a relying party.
type Client struct {
	ID                     string
	Name                   string
	Preset                 string   // program whose settings were put under this client's; "" = none
	BaseURL                string   // its address, without a slash at the end
	Public                 bool     // no secret: PKCE is its only proof (token_endpoint_auth_method none)
	AuthMethods            []string // client_secret_basic, client_secret_post or both; private_key_jwt; none
	SecretHashes           [][]byte `json:"-"` // SHA-256; two while rotating
	Native                 bool     // RFC 8252: any port on loopback literals
	RedirectURIs           []string
	PostLogoutRedirectURIs []string
	InitiateLoginURI       string
	BackchannelLogoutURI   string   // "" = its server cannot be told
	FrontchannelLogoutURI  string   // "" = nothing is loaded in a frame; always "" beside BackchannelLogoutURI
	Scopes                 []string // allowed; in order
	RequireAcr             string
	RequireScopes          []string // of Scopes: nobody gets in without them
	DefaultAcrValues       []string
	OnUnmet                acr.OnUnmet            // overrides the scopes'; "" = the scope's own
	OnUnmetByScope         map[string]acr.OnUnmet // the same for single scopes; stronger than OnUnmet
	BestEffort             bool                   // acr_values: best_effort
	PKCEOptional           bool
	IDTokenAlg             string        // RS256, ES256, EdDSA
	AccessToken            string        // "" = opaque with a protected scope, else a JWT; "jwt", "opaque"
	PlainTyp               bool          // its JWT access tokens have the typ JWT, as ID tokens have
	OmitIss                bool          // authorization answers have no iss
	ResponseModes          []string      // query, form_post; empty = both
	ClaimsIn               []string      // id_token, userinfo; empty = userinfo
	Claims                 []ClientClaim // under names of its own, sorted by them
	Grants                 []string      // authorization_code, refresh_token, client_credentials
	Origins                []string      // CORS
	JWKS                   []byte        `json:"-"` // public keys (RFC 7517 §5), for private_key_jwt; nil = at JWKSURI
	JWKSURI                string        // where they are; "" = inline
	AssertionAtToken       bool          // the token endpoint is a good aud of its assertions too
	Consent                string        // skip, first, always; "" = skip
	Introspect             Introspect    // whose tokens it may look at besides its own
}

// Unmet says what happens at this client to a scope whose floor is not met: the client's word for that scope, else
// the client's word for all, else the scope's own, else acr.StepUp.
func (c *Client) Unmet(s Scope) acr.OnUnmet {
	for _, u := range []acr.OnUnmet{c.OnUnmetByScope[s.Name], c.OnUnmet, s.OnUnmet} {
		if u != "" {
			return u
		}
	}
	return acr.StepUp
}
