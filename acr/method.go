package acr

// Method is how one authentication event came about. The spelling is the one operators write in YAML.
type Method string

// The methods, each with its row in the table below.
const (
	Password Method = "pwd"
	Social   Method = "social"
	Passkey  Method = "passkey"
	TOTP     Method = "totp"
	Email    Method = "email"
	SMS      Method = "sms"
	WhatsApp Method = "whatsapp"
	Recovery Method = "recovery"
)

// Facts are what can be said of a method without knowing a person. Words for it on pages are texts whose ids end in its
// name ("way.totp"); where there is none, the general one ("way.code") serves.
type Facts struct {
	First   bool     // completes a first step
	Second  bool     // can be the second step to another method
	Own     bool     // is always the person's own: a factor switched on, or what stands in for one
	Enrols  bool     // can be switched on by its owner
	Contact string   // kind of contact to which its code is sent: "email" or "phone"; "" = none is sent
	Digits  bool     // is answered by digits
	Claims  []string // what it adds to amr (RFC 8176), beside "mfa", which the decision adds
	Icon    string   // its picture on pages
}

// The one table of methods, in the order in which they are offered where nobody says another. A new one begins with its row
// here; config, mfa and the pages read it.
var methods = []struct {
	Method
	Facts
}{
	{Password, Facts{First: true, Claims: []string{"pwd"}}},
	{Social, Facts{First: true}}, // whatever the provider asked is its own to claim
	{TOTP, Facts{Second: true, Own: true, Enrols: true, Digits: true, Claims: []string{"otp"}, Icon: "phone"}},
	// Whether a key sits in software cannot be known without attestation: "pop" is true of every passkey.
	{Passkey, Facts{First: true, Second: true, Own: true, Enrols: true, Claims: []string{"pop", "user"}, Icon: "key"}},
	{Email, Facts{Second: true, Contact: "email", Digits: true, Claims: []string{"otp", "mca"}, Icon: "mail"}},
	{WhatsApp, Facts{Second: true, Enrols: true, Contact: "phone", Digits: true, Claims: []string{"otp", "mca"}, Icon: "message"}},
	{SMS, Facts{Second: true, Enrols: true, Contact: "phone", Digits: true, Claims: []string{"sms", "mca"}, Icon: "message"}},
	{Recovery, Facts{Second: true, Own: true, Claims: []string{"otp"}, Icon: "key"}},
}

var unknown Facts

func (m Method) facts() *Facts {
	for i := range methods {
		if methods[i].Method == m {
			return &methods[i].Facts
		}
	}
	return &unknown
}

// Facts are the method's row; of an unknown one nothing is true.
func (m Method) Facts() Facts { return *m.facts() }

// ByPhone reports whether the codes of this method go to a telephone number.
func (m Method) ByPhone() bool { return m.facts().Contact == "phone" }

// Methods lists those of which a fact is true, in the order of the table.
func Methods(which func(Facts) bool) []Method {
	var out []Method
	for i := range methods {
		if which(methods[i].Facts) {
			out = append(out, methods[i].Method)
		}
	}
	return out
}

// isCode reports whether the method is a one-time code sent to an address.
func (m Method) isCode() bool { return m.facts().Contact != "" }

// reaches reports whether a code by channel m goes to the same place as one by channel other: such channels may stand in
// for each other.
func (m Method) reaches(other Method) bool {
	return m == other || m.isCode() && m.facts().Contact == other.facts().Contact
}
