// Package templates owns what people see: layout, pages, mail bodies, texts in Italian and English, static files.
//
// It never queries and never decides: each page is a typed struct below, filled by a handler. It leaves routing, CSRF
// and headers to web.
//
// Easy to get wrong: a missing translation or a misspelt field. Every page has a fixture, and a test renders each in
// every language.
package templates

import "time"

// Page is what every page has.
type Page struct {
	Lang    string // "it", "en"
	Title   string // id of a text; filled by the page's own default when empty
	Dev     bool   // the ribbon
	Step    string // data-step of <main>
	Error   *FormError
	Request string // base path of the authorization request, "/login/{id}"; "" outside one
	Panel   string // the panel's name; "" outside a request
	Ref     string // reference number
	Home    string // URL of the home panel
	Shown   string // tag of whom the page shows, which its forms send back (web.Site.Shown)
	Self    string // path and query of this page, to which the language links add lang; "" = Request
}

// FormError is what was wrong with a form: shown as a summary on top with focus and a link to the field.
type FormError struct {
	Field string // id of the field; "" = none
	Text  string // id of a text
	Args  map[string]any
}

// WrongCode is the error of a code that opened nothing. Wrong, replayed, paused and disabled read the same: nobody may
// learn that a refused code was right.
func WrongCode(expired bool) *FormError {
	if expired {
		return &FormError{Field: "otp", Text: "code_expired"}
	}
	return &FormError{Field: "otp", Text: "wrong_code"}
}

// TooSoon is the error of who asks for another code before its time, by the rule of that name (mfa.Wait).
func TooSoon(seconds int, rule string) *FormError {
	text := "resend_wait"
	if rule != "resend" {
		text = "resend_limit"
	}
	return &FormError{Text: text, Args: map[string]any{"Seconds": seconds}}
}

// SignIn is the first step: identifier and password on one page, social buttons below.
type SignIn struct {
	Page
	Username  string // kept after a wrong password, or login_hint
	Fixed     bool   // re-authentication of a known person: the user name is shown, not asked
	Password  bool   // false: only providers
	Providers []ProviderButton
	Reason    string // acr.Reason, why a signed-in person is asked again; "" = none
	RetryIn   int    // seconds until the next try; 0 = now
	Remember  bool   // offers "remember me" (field "remember")
}

// ProviderButton is a social provider on the sign-in page. Its form posts to Request + "/social/" + Name.
type ProviderButton struct{ Name, Title string }

// CodePage asks for a code: from the app, or sent to a contact.
type CodePage struct {
	Page
	Method      string // acr.Method; Icon, Sent and Digits are its facts
	Icon        string
	Sent        bool     // the code is a sent one
	Digits      bool     // the code is digits
	Destination string   // masked; "" where none is sent
	Reason      string   // acr.Reason, or "connect": a social login waits for this account's second step
	Areas       []string // titles of the sensitive scopes, in the page's language
	Holds       string   // "session", or how long: minutes ("15") or a duration ("15m0s")
	Minutes     int      // validity of a sent code
	ResendIn    int      // seconds until "send again" is allowed; 0 = now
	Others      []Way    // "another way"
	Enrol       []string // methods that can be switched on instead
	FirstSocial bool     // says it happens once
	Provider    string   // title of the social provider, for FirstSocial and "connect"
	Offer       bool     // "continue without"
	Paused      bool
	Unsent      bool   // no code counts here: the last one went to another request, has expired, or was tried too often
	Way         string // hidden field "way" of the code, resend and enrol forms: which of the person's ways this page is about
	Then        string // hidden field "then" of the forms: "enrol" goes on to switching the app on
	Connect     string // FirstSocial: page on which an account that exists already may be connected instead; "" = none
}

// AskContact asks a newcomer from a social provider for an address to verify: POST Request + "/contact", field "email". It
// also leads to Connect, whether or not there is an account to connect.
type AskContact struct {
	Page
	Provider string
	Address  string   // kept after a mistake
	Connect  string   // page on which an account that exists already may be connected instead
	Enrol    []string // methods that can be switched on instead: totp
}

// Connect asks for user name and password of the account that a social login is to be connected to: POST Request +
// "/connect". Unless Closed, an account of its own is made all the same by POST Request + "/connect/apart".
type Connect struct {
	Page
	Provider string
	Closed   bool   // nobody was made for the login, and nobody will be: the page says what else to do
	Username string // kept after a wrong password
	RetryIn  int    // seconds until the next try; 0 = now
}

// Way is another way to complete the step. Its form posts field "way" to Request + "/way".
type Way struct {
	Value       string // opaque
	Method      string
	Destination string // masked
}

// Consent asks whether a panel may have what it asks for. Its forms post to Request + "/consent", field "answer" being
// "allow" or "deny", with the scopes that were shown.
type Consent struct {
	Page
	Username string
	Scopes   []ConsentScope
}

// ConsentScope is one thing the panel asks for.
type ConsentScope struct {
	Name  string
	Title string // in the page's language; "" = one of the standard scopes, whose words are text "scope.<Name>"
}

// StandardScopes are the scopes for which there is a text "scope.<name>" (OIDC Core §5.4, §11).
var StandardScopes = []string{"openid", "profile", "email", "address", "phone", "offline_access"}

// EnrolStart is the step before EnrolKey: one button per method (POST Request + "/enrol", field "method"), because QR and
// key are shown only in the answer to a POST.
type EnrolStart struct {
	Page
	Methods []string
	Reason  string
	Areas   []string
	Skip    bool // may be left out: POST Request + "/skip"
}

// only is the method in whose words the page speaks; "" = there are several.
func (p *EnrolStart) only() string {
	if len(p.Methods) == 1 {
		return p.Methods[0]
	}
	return ""
}

// SendPage offers to send a code (POST to Request + "/send"), when nothing was sent yet and sending needs a click.
type SendPage struct {
	Page
	Ways        []Way
	Reason      string
	Areas       []string
	Enrol       []string
	Offer       bool
	FirstSocial bool
	Provider    string
}

// EnrolKey shows QR and key of a method that begins with one, and asks for the confirming code: POST Request +
// "/enrol/confirm", with field "method".
type EnrolKey struct {
	Page
	Method    string // its words are texts "key.<…>.<Method>"
	Account   string
	QR        string // inline SVG, built by mfa
	Key       string // groups of four
	Reason    string
	Areas     []string
	Ticket    string // hidden field
	CanCancel bool
}

// RecoveryStart is the step before RecoveryCodes, for who came back to it: one button, POST Request + "/recovery".
type RecoveryStart struct{ Page }

// RecoveryCodes shows new codes and asks to type one back. It is only ever the answer to a POST.
type RecoveryCodes struct {
	Page
	Codes  []string
	Ticket string // hidden field
	Action string // where the form posts; "" = Request + "/recovery/confirm"
	Again  bool   // the former codes stop with the confirmation
}

// Forgot asks for user name or e-mail. Sent is the answer, the same for whoever was meant.
type Forgot struct {
	Page
	Sent    bool
	Minutes int    // validity of the link
	Back    string // path of the sign-in page; "" = none
}

// SetPassword sets a new password by a mailed link.
type SetPassword struct {
	Page
	Username string
	Min      int // fewest characters
}

// PasswordSet says that it was done.
type PasswordSet struct{ Page }

// ChangePassword offers the link by which somebody signed in changes the password; Sent is the answer.
type ChangePassword struct {
	Page
	Username string
	Sent     bool
	Minutes  int
}

// NotMe asks whether to end everything, behind "it was not me"; Done says it happened.
type NotMe struct {
	Page
	Username string
	Done     bool
}

// SignOut asks "sign out?" (Confirm) or says it happened.
type SignOut struct {
	Page
	Confirm bool
	Hidden  map[string]string // hidden fields of the form
	Back    string            // URL to go on to; "" = none
}

// Failure is an error page: text, reference number, machine-readable code.
type Failure struct {
	Page
	Code   string // #error-code
	Text   string // id of a text
	Args   map[string]any
	Status int
	Retry  string // URL; "" = none
}

// Leave answers 200 with meta refresh and a link: the hop to the panel after a form (CSP form-action).
type Leave struct {
	Page
	URL string
}

// FormPost is OAuth 2.0 Form Post Response Mode: its only form is ours, its script external, a button works without.
type FormPost struct {
	Page
	Action string
	Fields [][2]string
}

// Support is reachable in every state, no code needed.
type Support struct {
	Page
	URL   string
	Phone string
}

// HomeInfo is what "/" shows when no home panel is configured.
type HomeInfo struct{ Page }

// CodeMail is a one-time code as a message.
type CodeMail struct {
	Lang    string
	Brand   string
	Host    string // issuer host, for the origin-bound last line
	Code    string
	Minutes int
	Until   time.Time
	Zone    string // IANA name
	Purpose string // login, verify, …
	Areas   []string
	Panel   string
	Browser string // "Firefox, Linux"
	IP      string
	At      time.Time
}

// NoticeMail is a security notice.
type NoticeMail struct {
	Lang    string
	Brand   string
	Kind    string // new_device, password_changed, factor_added, factor_removed, factor_paused, factor_off, recovery_used, recovery_regenerated, token_reuse
	Browser string
	IP      string
	At      time.Time
	Zone    string
	Support string
	NotMe   string // "it was not me"; "" = no such link
}

// LinkMail brings the link that sets a password. One mailbox may belong to several accounts: each is named.
type LinkMail struct {
	Lang     string
	Brand    string
	Kind     string // forgotten, change, first
	Accounts []LinkAccount
	Minutes  int
	Until    time.Time
	Zone     string // IANA name
	Browser  string
	IP       string
	At       time.Time
}

// LinkAccount is one account of a mailbox.
type LinkAccount struct {
	Username  string
	URL       string   // "" = it has no password and signs in by Providers
	Providers []string // titles
}

// Mail is a rendered message.
type Mail struct{ Subject, Text, HTML string }
