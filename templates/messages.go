package templates

import "time"

// CodeMessage is a one-time code as a message.
type CodeMessage struct {
	Lang    string
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
	// The first step that was right before, pwd or social, and the provider's title; "" = a first contact.
	First, Provider string
}

// NoticeMessage is a security notice.
type NoticeMessage struct {
	Lang     string
	Kind     string // new_device, password_changed, factor_added …: what has a text notice.KIND.subject; by SMS short.notice.KIND
	Browser  string
	IP       string
	At       time.Time
	Zone     string
	Until    time.Time // of a pause
	Password bool      // the person has one
	NotMe    string    // "it was not me"; "" = no such link
	Revert   bool      // … which takes the change back
}

// AlertMessage tells the operator of a limit that shut (mfa.Shut).
type AlertMessage struct {
	Lang          string
	Kind          string // breaker, prefix, country, all
	Channel       string // SMS, WhatsApp
	Where         string // a prefix or country; "" = everywhere
	Sent, Entered int    // of the breaker
	Until         time.Time
	Zone          string // IANA name
}

// LinkMessage brings the link that sets a password. One mailbox may belong to several accounts: each is named.
type LinkMessage struct {
	Lang     string
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
