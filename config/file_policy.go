package config

import "time"

// FileLevel is an item of the list "acr".
type FileLevel struct {
	// Name as it stands in tokens.
	Name string `yaml:"name" required:"yes"`
	// Other names by which panels may ask for this level; the one asked for comes back.
	Aliases []string `yaml:"aliases"`
	// What the level needs. Left out: first_step for the first level, second_factor where second is given, and what phr and phrh stand for.
	Kind string `yaml:"kind" choices:"first_step|second_factor|phishing_resistant|hardware_bound"`
	// Second factors that reach it.
	Second []string `yaml:"second" choices:"@second"`
	// How long it holds after its proof: session, or a duration after which it is asked again.
	Lasts SessionOrDuration `yaml:"lasts" default:"session" min:"1s"`
}

// FileSecondFactor is the key section "second_factor".
type FileSecondFactor struct {
	// when_enrolled asks everybody who switched a factor on at every sign-in; when_chosen only those who also wish it so.
	EverySignIn string `yaml:"every_sign_in" default:"when_enrolled" choices:"when_enrolled|when_chosen"`
	// Who may use a one-time code to a mere contact.
	ContactCodes string `yaml:"contact_codes" default:"without_factor" choices:"without_factor|always|never"`
	// When a social sign-in needs a second step.
	Social string `yaml:"social" default:"first_login" choices:"first_login|new_device|always|never"`
	// required: a code to the mailbox that already opened the first step does not count; preferred: it counts, last and not as mfa in amr.
	// It opened the first step when the provider ever reported it, or the password was last set by a link to it. Sub-addresses and other spellings are the same mailbox.
	Independent string `yaml:"independent" default:"required" choices:"required|preferred"`
}

// FileScope is an entry of the map "scopes".
type FileScope struct {
	// Level without which the scope is not granted, its floor. It protects what an access token with the scope opens, and
	// panels that read the granted scope; the others need require_acr.
	Acr string `yaml:"acr"`
	// The second factor must be this fresh; left out, once until sign-out.
	MaxAge time.Duration `yaml:"max_age" min:"1s"`
	// When the level is not held: ask, ask with "continue without", or leave the scope out.
	OnUnmet string `yaml:"on_unmet" default:"step_up" choices:"step_up|offer|drop"`
	// What the scope opens, in the words of the sign-in page, by language.
	Title map[string]string `yaml:"title" keys:"@languages"`
	// Claims about a person that the scope opens: standard ones, customer_number, groups, roles, and names of your own, which the people API and
	// "soglia user add --claims" then take. A standard scope keeps its own claims and has these besides.
	Claims []string `yaml:"claims"`
}

// FileGroup is an entry of the map "groups".
type FileGroup struct {
	// Level that whoever is in the group needs, at every panel and in the account area, whatever a panel asks for. Nothing lowers it: a person who cannot reach
	// it gets in nowhere. It counts from the next use of every session and token on, for people who come into the group later, too.
	Acr string `yaml:"acr"`
	// What the group may do in panels, in their own words. The claim roles has those of all groups of a person; a scope opens it.
	Roles []string `yaml:"roles"`
	// Who is in the group, by user name, besides those whom the people API and "soglia user groups" put into it. A name that nobody has yet stays
	// free for whom you make: no social login takes it.
	Members []string `yaml:"members"`
}

// FileFactors is the key section "factors".
type FileFactors struct {
	// The authenticator app.
	TOTP *FileTOTP `yaml:"totp"`
	// One-time codes sent to a contact.
	Codes *FileCodes `yaml:"codes"`
	// Numbers of their own that people may switch on as second factor, and where messages may go. Left out: codes to contacts only.
	SMS *FileSMSFactor `yaml:"sms"`
	// Passkeys.
	Passkey *FilePasskey `yaml:"passkey"`
	// Reserve codes.
	Recovery *FileRecovery `yaml:"recovery"`
}

// FileTOTP is the key section "factors.totp".
type FileTOTP struct {
	// Name shown in the app; branding.name when left out.
	Issuer string `yaml:"issuer"`
}

// FileCodes is the key section "factors.codes".
type FileCodes struct {
	// Channels in order of preference; each needs its gateway in channels.
	Channels []string `yaml:"channels" choices:"@sent"`
	// Length.
	Digits int `yaml:"digits" default:"6" min:"6" max:"8"`
	// How long a code lasts.
	TTL time.Duration `yaml:"ttl" default:"10m" min:"1s" max:"10m"`
	// Wrong tries after which a code is dead.
	Tries int `yaml:"tries" default:"5" min:"1" max:"10"`
	// Time before another code is sent.
	ResendAfter time.Duration `yaml:"resend_after" default:"60s" min:"1s"`
	// Codes per contact and hour: one number for all channels, or a map of channel to number; email 10, whatsapp 6, sms 5 when left out.
	PerHour PerChannel `yaml:"per_hour" keys:"@sent" min:"1"`
	// Codes per contact and day, by channel; email 20, whatsapp 12, sms 8 when left out. Half of them are kept for browsers that the person has signed in with before.
	PerDay map[string]int `yaml:"per_day" keys:"@sent" min:"1"`
}

// FileSMSFactor is the key section "factors.sms".
type FileSMSFactor struct {
	// Countries (ISO 3166, or EU for its members) to whose mobile numbers codes go, by text message and by WhatsApp. Left out: EU, CH, SM, VA, GB. Whose own number is of a country that goes from the list can answer with reserve codes only.
	Countries []string `yaml:"countries"`
}

// FilePasskey is the key section "factors.passkey".
type FilePasskey struct {
	// Domain of the passkeys; the issuer's host when left out.
	RPID string `yaml:"rp_id"`
}

// FileRecovery is the key section "factors.recovery".
type FileRecovery struct {
	// How many codes are given out.
	Codes int `yaml:"codes" default:"10" min:"1" max:"20"`
}

// FileContacts is the key section "contacts".
type FileContacts struct {
	// State of imported addresses: on_file ones are verified by their first correct code.
	Imported string `yaml:"imported" default:"on_file" choices:"on_file"`
	// How long a changed address opens nothing sensitive.
	Cooling time.Duration `yaml:"cooling" default:"24h" min:"1s"`
	// How long a change can be taken back by the mailbox that alone proved it, or by any settled one where nothing that had
	// settled did. What more proved can only be answered by "it was not me".
	Revert time.Duration `yaml:"revert" default:"72h" min:"1s"`
}

// FileProfile is the key section "profile".
type FileProfile struct {
	// Claims that people edit in the account area; none when left out. Your own system hears of each edit by the event person.updated and reads it by the people API.
	Editable []string `yaml:"editable" choices:"name|given_name|family_name|middle_name|nickname|birthdate|gender|website|address|zoneinfo"`
}

// FilePassword is the key section "password".
type FilePassword struct {
	// Least length, in bytes after NFC.
	Min int `yaml:"min" default:"12" min:"8" max:"1024"`
	// Memory of argon2id in KiB.
	Memory int `yaml:"memory" default:"19456" min:"7168" max:"4194304"`
	// Passes of argon2id.
	Iterations int `yaml:"iterations" default:"2" min:"1" max:"100"`
	// How a password is changed.
	Change string `yaml:"change" default:"mail_link" choices:"mail_link"`
	// What asking for a change ends.
	RequestEnds string `yaml:"request_ends" default:"this_session" choices:"this_session"`
	// What a changed password ends.
	SetEnds string `yaml:"set_ends" default:"all_sessions" choices:"all_sessions"`
}

// FileInvitation is the key section "invitation".
type FileInvitation struct {
	// How long its link lives. It serves once, and a newer one takes its place.
	TTL time.Duration `yaml:"ttl" default:"7d" min:"1s" max:"30d"`
}

// FileRegistration is the key section "registration".
type FileRegistration struct {
	// closed: accounts come from the operator, and a social login that no account has leads to a page where its owner
	// connects it. open: such a login may also make an account of its own.
	Mode string `yaml:"mode" default:"closed" choices:"closed|open"`
	// Accounts may be made and changed by the operator's own system, under /api/people, with scope people.write.
	PeopleAPI bool `yaml:"people_api"`
}

// FileDelegation is the key section "delegation".
type FileDelegation struct {
	// Somebody with an own account who works in the owner's.
	TechnicalAdmin *FileDelegate `yaml:"technical_admin"`
	// People whom the owner creates for the same customer.
	SubAccounts *FileDelegate `yaml:"sub_accounts"`
}

// FileDelegate is one kind of delegate.
type FileDelegate struct {
	// What the delegate's own account must have.
	Requires string `yaml:"requires" choices:"billing_profile"`
	// Scopes that can be passed on.
	Scopes []string `yaml:"scopes"`
}

// FileTelephonePIN is the key section "telephone_pin".
type FileTelephonePIN struct {
	// Level needed to see the PIN.
	ShowAt string `yaml:"show_at"`
	// What the caller keys in with it.
	With string `yaml:"with" choices:"customer_number"`
	// Number to call.
	Call string `yaml:"call"`
	// How long a recognised call lasts.
	CallLasts time.Duration `yaml:"call_lasts" default:"30m" min:"1s"`
}

// FilePrivacy is the key section "privacy".
type FilePrivacy struct {
	// Consents people give and take back.
	Consents []string `yaml:"consents"`
	// Time between the wish to be deleted and the deletion.
	DeletionAfter time.Duration `yaml:"deletion_after" default:"30d" min:"1s"`
}
