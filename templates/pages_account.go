package templates

import (
	"html/template"
	"time"
)

// The pages of package account, for someone inside. Their forms post to paths under /account.

// AccountDoor stands before the area: for who chose not to sign in, or whose session ended inside.
type AccountDoor struct {
	Page
	Done   string // what ended it: removed, swapped (of a factor), unlinked (of a login); "" = nothing of the kind
	Method string // swapped: what is asked for from now on
	Go     string // where the sign-in begins
}

func (p *AccountDoor) kind() kind {
	k := kind{file: "accountdoor", step: "account_door", title: "account_door.title", icon: "door"}
	switch p.Done {
	case "removed":
		k.title, k.icon = "account_door.removed", "check"
	case "unlinked":
		k.title, k.icon = "account_door.unlinked", "check"
	case "swapped":
		k.title, k.words, k.method, k.icon = "account_door.swapped", true, p.Method, "check"
	}
	return k
}

// AccountOverview is the first page inside.
type AccountOverview struct {
	Page
	Name     string
	Username string
	Previous *AccountAccess // nil = this is the first sign-in
	Password bool           // the person has one: it can be changed
	Mailbox  string         // masked: where the link for a new password goes; "" = nowhere
	Factors  []string       // methods of the own factors
	Enrols   bool           // one can be switched on
	Contacts bool           // the person has an address that messages go to
	Devices  int            // browsers that are signed in, this one included

	ContactRemoved bool // a moment ago
}

func (*AccountOverview) kind() kind {
	return kind{file: "account", step: "account", title: "account.title", area: true}
}

// AccountProfile is who the person is and how to be reached.
type AccountProfile struct {
	Page
	Contacts []AccountContact
	Adds     bool // one can be added
	Details  []AccountDetail
	Edits    bool // some can be changed: Request + "/edit"
	Zone     string
	Done     string // what just happened: email, number (one was verified), notices, edited (the details); "" = nothing
}

func (*AccountProfile) kind() kind {
	return kind{file: "accountprofile", step: "account_profile", title: "account_profile.title", area: true}
}

// AccountEdit is the form of the personal details (POST to Request).
type AccountEdit struct {
	Page
	Fields  []AccountField
	Version int64 // of the person that the form shows
}

func (*AccountEdit) kind() kind {
	return kind{file: "accountedit", step: "account_edit", title: "account_edit.title", area: true, place: "account_profile"}
}

// AccountField is a field of that form, by the name of a claim or of a part of the address.
type AccountField struct{ Name, Value string }

// Fill is what browsers fill a field with (HTML §4.10.18.7.1).
func (f AccountField) Fill() string {
	return map[string]string{
		"name": "name", "given_name": "given-name", "family_name": "family-name", "middle_name": "additional-name", "nickname": "nickname",
		"birthdate": "bday", "gender": "sex", "website": "url", "street_address": "street-address", "postal_code": "postal-code",
		"locality": "address-level2", "region": "address-level1", "country": "country-name", "zoneinfo": "off",
	}[f.Name]
}

// AccountDetail is something known of the person.
type AccountDetail struct {
	Claim string // its name (OIDC Core §5.1) or customer_number; a text account_profile.CLAIM
	Value string
}

// AccountAccess is an earlier access (help promise 11).
type AccountAccess struct {
	At      time.Time
	Zone    string // IANA name
	IP      string
	Browser string // "Firefox, Linux"; "" = unknown
}

// AccountFactors lists the own factors and what can be switched on.
type AccountFactors struct {
	Page
	Factors  []AccountFactor
	Add      []string // methods: totp
	Password bool     // the person has one
	Contacts bool     // the person has an address that messages go to
	Recovery int      // unused reserve codes
	// Until when too many wrong codes let reserve codes, and codes to a contact, rest; zero = they are taken.
	RecoveryPaused, SentPaused time.Time
	Renew                      bool   // new ones can be had: POST Request + "/recovery"
	Phone                      bool   // numbers can be switched on
	PhoneVerified              bool   // … and one of the person's is verified
	AddNumber                  string // method by which one is switched on, where none is verified; "" = it cannot be now
	// The person's own choice of a code at every sign-in: on, off (POST Request + "/every"); "" = it is not theirs.
	Every string
	Zone  string
	Done  string // what just happened: added, channel, codes, renewed; "" = nothing
}

func (*AccountFactors) kind() kind {
	return kind{file: "accountfactors", step: "account_factors", title: "account_factors.title", area: true}
}

// AccountFactor is one own factor.
type AccountFactor struct {
	ID       string
	Method   string
	Label    string
	Number   string   // masked; "" = it is none
	Channels []string // … by which it is answered
	AddBy    string   // … channel that can be added; "" = none
	Created  time.Time
	LastUsed time.Time // zero = never
	Disabled bool      // after too many wrong codes
	Paused   time.Time // after several: until when it takes none; zero = it does
	Swap     string    // method it can be swapped for; "" = none now
	Channel  string    // method by which its number may be asked, too; "" = none
}

// AccountNew is the choice between the methods that can be switched on: one form each (POST Request + "/enrol", field "method").
type AccountNew struct {
	Page
	Methods []string
}

func (*AccountNew) kind() kind {
	return kind{file: "accountnew", step: "account_new", title: "account_new.title", area: true, place: "account_factors"}
}

// AccountSwap leads from one method to another: one form each (POST Request + "/enrol", field "method"). The old one was proved
// already, and stays until the new one is.
type AccountSwap struct {
	Page
	Method string // the old one
	To     []string
	Keep   string // page on which another one is switched on and the old one kept
}

func (p *AccountSwap) kind() kind {
	k := kind{file: "accountswap", step: "account_swap", title: "account_swap.title", words: true, icon: "shield"}
	if len(p.To) == 1 {
		k.method = p.To[0]
	}
	return k
}

// AccountRemove asks for the password before a factor goes (POST to Request).
type AccountRemove struct {
	Page
	Method   string
	Password bool // the person has one
	Contacts bool // the person has an address that messages go to
	RetryIn  int  // seconds until the next try; 0 = now
}

func (*AccountRemove) kind() kind {
	return kind{file: "accountremove", step: "account_remove", title: "account_remove.title", icon: "warning"}
}

// AccountSessions lists where the person is signed in.
type AccountSessions struct {
	Page
	Sessions []AccountSession
	Zone     string
	Done     bool // one was ended
	Told     []AccountTold
}

// AccountTold is what became of telling a panel that an ended session is over.
type AccountTold struct {
	Panel string
	State string    // sent, queued, failed, browser: only a frame tells it, nobody: it has no address for it
	At    time.Time // of sent
}

func (*AccountSessions) kind() kind {
	return kind{file: "accountsessions", step: "account_sessions", title: "account_sessions.title", area: true}
}

// AccountSession is one signed-in browser.
type AccountSession struct {
	ID       string
	Current  bool
	Browser  string
	IP       string
	Created  time.Time
	LastSeen time.Time
	Methods  []string // how it was proved: pwd, totp, …
}

// AccountLogins lists the social logins that open the account (POST Request + "/unlink", field "login"), and what more can be
// linked (POST Request + "/link", field "provider").
type AccountLogins struct {
	Page
	Logins []AccountLogin
	Add    []ProviderButton
	Zone   string
}

func (*AccountLogins) kind() kind {
	return kind{file: "accountlogins", step: "account_logins", title: "account_logins.title", area: true}
}

// AccountLogin is one linked login.
type AccountLogin struct {
	ID       string
	Provider string // its title
	Address  string // masked: what the provider told first; "" = nothing
	Since    time.Time
	Proved   bool // a second step was given with it
	Last     bool // nobody could sign in without it
}

// AccountActivity is the person's journal, newest first.
type AccountActivity struct {
	Page
	Entries []AccountEntry
	Zone    string
	Days    int    // how far back it goes
	First   bool   // nothing newer was left out
	Next    string // key of the last entry, where there are older ones (Request + "?after="); "" = there are none
}

func (*AccountActivity) kind() kind {
	return kind{file: "accountactivity", step: "account_activity", title: "account_activity.title", area: true}
}

// AccountEntry is one thing that happened.
type AccountEntry struct {
	What     string // name of the record; a text journal.WHAT or journal.WHAT.REASON
	Reason   string
	Method   string // that it was about; "" = none
	Provider string // …
	Panel    string // by which it came; "" = by none
	At       time.Time
	IP       string
	Browser  string
	Current  bool   // in this very session
	Staff    bool   // done by somebody else than the person
	Key      string // of the record
}

// AccountNotMe asks whether to say "it was not me" from inside.
type AccountNotMe struct {
	Page
	Entry *AccountEntry // what the person did not do; nil = it is about no entry
	Zone  string
}

func (*AccountNotMe) kind() kind {
	return kind{file: "accountnotme", step: "account_not_me", title: "notme.title", area: true, place: "account_activity"}
}

// Happened is an entry's text.
func (v *view) Happened(e AccountEntry) (string, error) {
	id := "journal." + e.What
	if v.set.Has(id + "." + e.Reason) {
		id += "." + e.Reason
	}
	words := ""
	if e.Method != "" {
		var err error
		if words, err = v.T(v.set.words("account.method", e.Method)); err != nil {
			return "", err
		}
	}
	return v.T(id, "Method", words, "Provider", e.Provider)
}

// AccountPanels lists what panels were allowed.
type AccountPanels struct {
	Page
	Panels []AccountPanel
	Zone   string
	Done   bool // one was disconnected
}

func (*AccountPanels) kind() kind {
	return kind{file: "accountpanels", step: "account_panels", title: "account_panels.title", area: true}
}

// AccountPanel is one connected panel.
type AccountPanel struct {
	ID     string
	Name   string
	Scopes []ConsentScope // what it may see
	Since  time.Time
}

// Moment is a date and time with its zone.
func (v *view) Moment(t time.Time, zone string) string { return v.set.moment(v.Lang, t, zone) }

// Until is a moment that something lasts to.
func (v *view) Until(t time.Time, zone string) string {
	return v.set.dated("moment.until", v.Lang, t, zone)
}

// Proofs are the names of methods, as a list of words.
func (v *view) Proofs(methods []string) (string, error) {
	var words []string
	for _, m := range methods {
		w, err := v.T(v.set.words("account.method", m))
		if err != nil {
			return "", err
		}
		words = append(words, w)
	}
	return v.set.texts.list(v.Lang, "list.and", words), nil
}

// Does is a button's or notice's text of a page about one thing.
func (v *view) Does(id, what string) (template.HTML, error) { return v.H(id, "What", what) }
