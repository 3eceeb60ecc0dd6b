package acr

// Method is how one authentication event came about. The spelling is the one operators write in YAML.
type Method string

// The methods. Password, Social and Passkey complete a first step; the others are second steps.
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

// code reports whether the method is a one-time code sent to an address.
func (m Method) code() bool { return m == Email || m == SMS || m == WhatsApp }

// phone reports whether the method reaches a telephone number: such channels may stand in for each other.
func (m Method) phone() bool { return m == SMS || m == WhatsApp }

// reaches reports whether a code by channel m goes to the same place as one by channel other.
func (m Method) reaches(other Method) bool { return m == other || m.phone() && other.phone() }
