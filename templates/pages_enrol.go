package templates

// EnrolStart is the step before EnrolKey: one button per method (POST Request + "/enrol", field "method"), because QR and
// key are shown only in the answer to a POST.
type EnrolStart struct {
	Page
	Methods []string
	Reason  string
	Areas   []string
	Skip    bool // may be left out: POST Request + "/skip"
}

func (p *EnrolStart) kind() kind {
	return kind{file: "enrolstart", step: "enrol", title: "enrol.title", words: true, method: p.only(), icon: "phone"}
}

// only is the method in whose words the page speaks; "" = there are several.
func (p *EnrolStart) only() string {
	if len(p.Methods) == 1 {
		return p.Methods[0]
	}
	return ""
}

// EnrolKey shows QR and key of a method that begins with one, and asks for the confirming code: POST Request +
// "/enrol/confirm", with field "method".
type EnrolKey struct {
	Page
	Method   string // its words are texts "key.<…>.<Method>"
	Account  string
	QR       string // inline SVG, built by mfa
	Key      string // groups of four
	URI      string // otpauth:, for an app on this very phone; "" = none. A secret: the page is never kept (no-store)
	Reason   string
	Areas    []string
	Ticket   string // hidden field
	Every    bool   // the form asks whether a code is wanted at every sign-in (field "every")
	Provider string // title of the social provider, at a first sign-in by it
}

func (p *EnrolKey) kind() kind {
	return kind{file: "enrolkey", step: "enrol_" + p.Method, title: "key.title", words: true, method: p.Method, icon: "phone"}
}

// EnrolNumber asks for the number that a code by Method goes to: POST Request + "/enrol", fields "method" and "number". The page of
// the code is a [CodePage] whose forms are under /enrol.
type EnrolNumber struct {
	Page
	Method    string
	Number    string   // kept after a mistake
	Country   string   // whose prefix stands beside it; "" = one is to be chosen
	Question  []string // which may be meant (field "which" in the place of "number")
	Countries []NumberCountry
	Known     []KnownNumber // the person's own, which need not be typed (field "contact" in the place of "number")
	Reason    string
	Areas     []string
	Password  bool   // it takes the place of an app, and the form asks for the password, too
	RetryIn   int    // seconds until the next try of it; 0 = now
	Provider  string // title of the social provider, at a first sign-in by it
}

// NumberCountry is a country that may be chosen beside the number.
type NumberCountry struct{ Code, Prefix, Name string }

// KnownNumber is a number among the person's contacts.
type KnownNumber struct {
	ID    string
	Shown string // masked
}

func (p *EnrolNumber) kind() kind {
	return kind{file: "enrolnumber", step: "enrol_number", title: "number.title", method: p.Method, icon: "message"}
}

// RecoveryStart is the step before RecoveryCodes, for who came back to it: one button, POST Request + "/recovery".
type RecoveryStart struct{ Page }

func (*RecoveryStart) kind() kind {
	return kind{file: "recoverystart", step: "recovery", title: "recovery.title", icon: "key"}
}

// RecoveryCodes shows new codes and asks to type one back. It is only ever the answer to a POST.
type RecoveryCodes struct {
	Page
	Codes  []string
	Ticket string // hidden field
	Again  bool   // the former codes stop with the confirmation
}

func (*RecoveryCodes) kind() kind {
	return kind{file: "recoverycodes", step: "recovery_codes", title: "recovery.title", icon: "key", fixed: true}
}
