package config

import "time"

// File is soglia.yaml as written: one Go field per key. The comment of a field is its documentation, its tags are its
// default, bounds and choices; loader, JSON Schema and docs/configuration.md all read them from here.
type File struct {
	// Version of this file's shape.
	Version int `yaml:"version" required:"yes" min:"1" max:"1"`
	// Public address of the server, exactly as panels know it: https, no path, no trailing slash.
	Issuer string `yaml:"issuer" required:"yes"`
	// Address and port of the public listener; an IPv6 address in brackets.
	Listen string `yaml:"listen" default:"127.0.0.1:8480"`
	// Other names under which panels' back ends may call the token, userinfo, introspection, revocation and key endpoints, as their
	// requests name the host: soglia:8480, sso.internal. Pages and discovery are answered under the issuer's name alone, and what is in tokens stays the issuer.
	InternalIssuerHosts []string `yaml:"internal_issuer_hosts"`
	// Certificate of the public listener, when no proxy stands in front.
	TLS *FileTLS `yaml:"tls"`
	// Where health, metrics and administration are answered: unix:/path or a loopback host:port, because it asks for no password.
	Admin string `yaml:"admin"`
	// host:port on which load balancers and orchestrators ask /healthz and /readyz from outside this machine, such as 0.0.0.0:9090. The answer is one word; nothing else is there.
	Health string `yaml:"health"`
	// Proxies whose X-Forwarded-For is believed, as CIDR or single addresses.
	TrustedProxies []string `yaml:"trusted_proxies"`
	// Further files, relative to this one, as patterns; each may hold clients and scopes only.
	Include []string `yaml:"include"`
	// Where things are kept.
	Storage FileStorage `yaml:"storage"`
	// Keys that protect what is kept.
	Secrets FileSecrets `yaml:"secrets"`
	// How tokens are signed.
	Signing FileSigning `yaml:"signing"`
	// Languages of pages and messages.
	Locales FileLocales `yaml:"locales"`
	// What people see of the provider.
	Branding FileBranding `yaml:"branding"`
	// Client to whose initiate_login_uri /, /login and an expired request lead. It must be named as soon as there is a client.
	Home string `yaml:"home"`
	// What people may type to say who they are; username, email when left out.
	Identifiers []string `yaml:"identifiers" choices:"username|email"`
	// Limits of single sign-on.
	Sessions FileSessions `yaml:"sessions"`
	// Levels of authentication, weakest first: the order is the hierarchy. Left out: sfa, then mfa by every factor configured.
	Acr []FileLevel `yaml:"acr"`
	// When a second factor is asked.
	SecondFactor FileSecondFactor `yaml:"second_factor"`
	// Scopes of your own, by name, and floors of the standard ones.
	Scopes map[string]FileScope `yaml:"scopes"`
	// Groups of people, by name, with what they give. A name has 1 to 100 letters, digits and . _ ~ : / # @ + -. Groups that accounts are in and that
	// are not described here are names for panels and no more.
	Groups map[string]FileGroup `yaml:"groups"`
	// Second factors people can use. Left out: the authenticator app, and codes by e-mail when there is an e-mail channel.
	Factors *FileFactors `yaml:"factors"`
	// What people may change of their personal details by themselves.
	Profile FileProfile `yaml:"profile"`
	// Rules for addresses and numbers.
	Contacts FileContacts `yaml:"contacts"`
	// Rules for passwords.
	Password FilePassword `yaml:"password"`
	// How accounts come to be.
	Registration *FileRegistration `yaml:"registration"`
	// Mails by which people whose account was made for them set the first password.
	Invitation FileInvitation `yaml:"invitation"`
	// Whom an owner may let into the account.
	Delegation *FileDelegation `yaml:"delegation"`
	// The PIN by which the help desk recognises a caller.
	TelephonePIN *FileTelephonePIN `yaml:"telephone_pin"`
	// Consents, export, deletion.
	Privacy *FilePrivacy `yaml:"privacy"`
	// Gateways by which messages leave.
	Channels FileChannels `yaml:"channels"`
	// Social providers, by name, in the order of their buttons.
	Providers map[string]FileProvider `yaml:"providers"`
	// How long things live.
	Lifetimes FileLifetimes `yaml:"lifetimes"`
	// What happens to a refresh token that is used.
	Refresh FileRefresh `yaml:"refresh"`
	// Limits against guessing and floods.
	Limits FileLimits `yaml:"limits"`
	// Whom the server tells of what concerns the operator.
	Alerts FileAlerts `yaml:"alerts"`
	// How programs of yours are told what happened.
	Backchannel FileBackchannel `yaml:"backchannel"`
	// Relying parties.
	Clients []FileClient `yaml:"clients"`
}

// FileBackchannel is the key section "backchannel".
type FileBackchannel struct {
	// Private networks in which clients' backchannel_logout_uri and channels.webhook.url may lie, such as 10.0.0.0/8. All others are refused, whatever a name resolves to.
	Allow []string `yaml:"allow"`
}

// FilePart is an included file.
type FilePart struct {
	// Scopes, as in the main file; a name may be defined once in all files.
	Scopes map[string]FileScope `yaml:"scopes"`
	// Relying parties, as in the main file.
	Clients []FileClient `yaml:"clients"`
}

// FileTLS is the key section "tls".
type FileTLS struct {
	// File with the certificate chain, PEM, the server's own first. Found as secrets are: in $CREDENTIALS_DIRECTORY, /run/secrets, or beside this file.
	// Both files are read again when they change: whoever renews them need not reload.
	Cert string `yaml:"cert"`
	// File with its private key, PEM.
	Key string `yaml:"key"`
}

// FileStorage is the key section "storage".
type FileStorage struct {
	// postgres://… or sqlite:file, which is made for its owner alone (0600). With a password inside only as ${env:…} or ${file:…}.
	// Of PostgreSQL's parameters those that lead to the server and prove who is who, such as sslmode and target_session_attrs.
	URL Secret `yaml:"url" required:"yes" form:"url"`
	// Connections to PostgreSQL.
	Pool int `yaml:"pool" default:"16" min:"1" max:"1000"`
	// transaction: a pooler such as pgbouncer stands between, so no named statements.
	Pooler string `yaml:"pooler" choices:"transaction"`
}

// FileSecrets is the key section "secrets".
type FileSecrets struct {
	// Key under which stored secrets are sealed; at least 32 characters ("openssl rand -base64 48"). Losing it loses the factors.
	MasterKey Secret `yaml:"master_key" required:"yes"`
}

// FileSigning is the key section "signing".
type FileSigning struct {
	// Algorithm of JWT access tokens.
	AccessToken string `yaml:"access_token" default:"ES256" choices:"ES256"`
	// Algorithm of ID tokens, unless a client says otherwise (RS256 costs 20 times the time of ES256 to sign).
	IDToken string `yaml:"id_token" default:"RS256" choices:"RS256|ES256|EdDSA"`
	// Age at which a signing key is replaced.
	RotateEvery time.Duration `yaml:"rotate_every" default:"90d" min:"1s"`
	// How long a key is published before it signs.
	PublishBefore time.Duration `yaml:"publish_before" default:"24h" min:"1s"`
}

// FileLocales is the key section "locales".
type FileLocales struct {
	// Language of people who ask for none that is offered.
	Default string `yaml:"default" default:"it" choices:"@languages"`
	// Languages offered, in this order; all there are when left out.
	Offered []string `yaml:"offered" choices:"@languages"`
	// Time zone (IANA name) of times on pages and in messages, for people whose own is not known.
	Zone string `yaml:"zone" default:"Europe/Rome"`
}

// FileBranding is the key section "branding".
type FileBranding struct {
	// Name of the provider. A code by SMS names it where one message has room: beside a host as long as sso.example.it for 30 characters.
	Name string `yaml:"name" default:"Soglia"`
	// SVG file beside this one, without scripts or outside references.
	Logo string `yaml:"logo"`
	// Colour of buttons and links, #rrggbb; its contrast with white must be 4.5:1 or more (WCAG 1.4.3).
	Accent string `yaml:"accent" default:"#0b5fff"`
	// Help without being signed in.
	Support FileSupport `yaml:"support"`
}

// FileSupport is the key section "branding.support".
type FileSupport struct {
	// Address of the help pages, by language.
	URL map[string]string `yaml:"url" keys:"@languages"`
	// Telephone number as people should read it.
	Phone string `yaml:"phone"`
}

// FileSessions is the key section "sessions".
type FileSessions struct {
	// Single sign-on ends after this time without activity. Activity is a page of ours, coming to a panel, and a panel's
	// refresh, userinfo and introspection; a silent prompt=none is none.
	Idle time.Duration `yaml:"idle" default:"60m" min:"1s"`
	// Single sign-on ends this long after the sign-in, whatever happens.
	Absolute time.Duration `yaml:"absolute" default:"12h" min:"1s"`
	// How long "remember me" lasts, or off.
	RememberMe DurationOrOff `yaml:"remember_me" default:"off" min:"1s"`
}

// FileLifetimes is the key section "lifetimes".
type FileLifetimes struct {
	// A sign-in that was begun.
	Request time.Duration `yaml:"request" default:"30m" min:"1s" max:"60m"`
	// A first social sign-in that waits for its second step.
	Quarantine time.Duration `yaml:"quarantine" default:"30m" min:"1s" max:"60m"`
	// An authorization code.
	Code time.Duration `yaml:"code" default:"60s" min:"1s" max:"10m"`
	// An access token.
	AccessToken time.Duration `yaml:"access_token" default:"10m" min:"1s"`
	// An ID token.
	IDToken time.Duration `yaml:"id_token" default:"10m" min:"1s"`
	// A refresh token that is not used.
	RefreshIdle time.Duration `yaml:"refresh_idle" default:"14d" min:"1s"`
	// A chain of refresh tokens.
	RefreshAbsolute time.Duration `yaml:"refresh_absolute" default:"90d" min:"1s"`
	// A mailed link that sets a password.
	Reset time.Duration `yaml:"reset" default:"30m" min:"1s" max:"24h"`
	// The "it was not me" link of a security notice.
	NotMe time.Duration `yaml:"not_me" default:"72h" min:"1s"`
}

// FileRefresh is the key section "refresh".
type FileRefresh struct {
	// Whose refresh tokens are replaced at each use, so that a second use of one ends them all. public: those of clients with public or native, which anyone can play. Any other client proves itself at each use, and its token stays. always: everybody's.
	Rotate string `yaml:"rotate" default:"public" choices:"public|always"`
	// How long after its first use a replaced token may be repeated, for answers that got lost and programs that refresh twice at once: it gives the same successor, as long as that was not used.
	Leeway *time.Duration `yaml:"leeway" default:"10s" min:"0s" max:"60s"`
}

// FileLimits is the key section "limits".
type FileLimits struct {
	// Wrong passwords without delay, of an account under all its names and of a name as typed; from the next on, 1 s doubling up to delay_max. Only the name says so: an account at rest looks like a wrong password.
	WrongPasswordsFree int `yaml:"wrong_passwords_free" default:"5" min:"1"`
	// Wrong passwords from one address (IPv6: one /64) in per_ip_window.
	WrongPasswordsPerIP int `yaml:"wrong_passwords_per_ip" default:"30" min:"1"`
	// The window of the limits per address.
	PerIPWindow time.Duration `yaml:"per_ip_window" default:"10m" min:"1s"`
	// Longest delay after wrong passwords.
	DelayMax time.Duration `yaml:"delay_max" default:"15m" min:"1s"`
	// Failures of a second factor in factor_window, all sessions and channels together, that pause it.
	FactorFailures int `yaml:"factor_failures" default:"10" min:"1"`
	// The window of factor_failures.
	FactorWindow time.Duration `yaml:"factor_window" default:"1h" min:"1s"`
	// First pause of a factor; each further one is twice as long.
	FactorPause time.Duration `yaml:"factor_pause" default:"15m" min:"1s"`
	// Failures in a row that disable a factor until recovery.
	FactorDisable int `yaml:"factor_disable" default:"100" min:"1" max:"100"`
	// Open sign-ins of one browser. One more closes the oldest in which nothing was proved, until it is come back to.
	RequestsPerBrowser int `yaml:"requests_per_browser" default:"20" min:"1"`
	// Open sign-ins from one address (IPv6: one /64). One more closes another: first of those who brought no cookie, then of the browser with the most.
	RequestsPerIP int `yaml:"requests_per_ip" default:"1000" min:"1"`
	// Open sign-ins in all. Beyond them, who brings no cookie is told to wait; nobody is closed.
	Requests int `yaml:"requests" default:"100000" min:"1"`
	// Wrong client secrets per client and address in per_ip_window, and ten times as many of one address whatever client it
	// names; further wrong ones are answered 429 and leave no record. The right one always passes.
	ClientAuthFailures int `yaml:"client_auth_failures" default:"20" min:"1"`
	// Mails with a password link per account and mailbox in an hour.
	ResetsPerHour int `yaml:"resets_per_hour" default:"5" min:"1"`
	// Codes to telephones, which cost money: what they may cost, and when nobody enters them (docs/toll-fraud.md).
	Toll FileToll `yaml:"toll"`
}
