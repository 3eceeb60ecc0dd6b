package acr

// Outcome is what comes next.
type Outcome int

// The outcomes.
const (
	Refused   Outcome = iota // Decision.Error is the answer to the panel; no page helps
	Satisfied                // Decision.Granted may be turned into a code
	AskFirst                 // a first step is missing (or must be repeated)
	AskSecond                // one of Decision.Options must be completed
	AskEnrol                 // an own factor must be switched on first; Options lists which (behind a step already taken)
)

// Reason is the machine-readable why of a decision; it travels to audit, log and page.
type Reason string

// The reasons.
const (
	ReasonNone          Reason = ""
	ReasonNoSession     Reason = "no_session"
	ReasonPromptLogin   Reason = "prompt_login"
	ReasonMaxAge        Reason = "max_age"
	ReasonOtherPerson   Reason = "other_person"
	ReasonQuarantine    Reason = "quarantine"
	ReasonAcrAsked      Reason = "acr_asked"
	ReasonClientFloor   Reason = "client_floor"
	ReasonGroupFloor    Reason = "group_floor"
	ReasonScopeFloor    Reason = "scope_floor"
	ReasonScopeMaxAge   Reason = "scope_max_age"
	ReasonProviderFloor Reason = "provider_floor"
	ReasonOwnChoice     Reason = "own_choice"
	ReasonFirstSocial   Reason = "first_social"
	ReasonConnect       Reason = "connect"
	ReasonUnreachable   Reason = "unreachable"
	ReasonUnknownAcr    Reason = "unknown_acr"
	ReasonDeclined      Reason = "declined"
	ReasonCooling       Reason = "cooling"
	ReasonFrozen        Reason = "frozen"
)

// The error codes a decision can answer with: OIDC Core §3.1.2.6, RFC 6749 §4.1.2.1, and
// "unmet_authentication_requirements" of the OpenID Connect Core Error Code extension.
const (
	ErrLoginRequired       = "login_required"
	ErrInteractionRequired = "interaction_required"
	ErrUnmet               = "unmet_authentication_requirements"
	ErrAccessDenied        = "access_denied"
)

// Option is one way to complete the missing step, in the order it should be offered. A passkey must verify the user: a
// mere touch would leave the step missing.
type Option struct {
	Method      Method
	Credential  string // factor or contact id; "" for password, recovery, enrolment
	Address     string // canonical recipient of a code; shown masked
	Own         bool   // an own factor or recovery code
	Independent bool   // false only under independent: preferred, or for the code that opens a newborn account's enrolment
	Provider    string // Social (as a re-authentication)
}

// Way is the option's name in forms and URLs. It is only ever compared with those of the options a decision offers
// ([Choose]), so nothing in a request can name a recipient.
func (o Option) Way() string { return string(o.Method) + ":" + o.Credential }

// Choose finds the option of that name; without a name the first.
func Choose(offered []Option, way string) (Option, bool) {
	for i, o := range offered {
		if o.Way() == way || way == "" && i == 0 {
			return o, true
		}
	}
	return Option{}, false
}

// Decision is the answer of [Decide].
type Decision struct {
	Outcome Outcome
	Granted Granted  // only when Satisfied
	Options []Option // only for AskFirst, AskSecond, AskEnrol
	Error   string   // only when Refused
	Target  string   // level to be reached
	Reason  Reason
	Scopes  []string // sensitive scopes that are the reason, for the page
	Lacks   []string // only when Refused: scopes that the client requires, and that are not met
	Offer   bool     // the person may continue without
	Decline bool     // declining leads on (a listed lower value or dropped scopes) rather than to access_denied

	// Enrol lists what the person may switch on at once: the methods of Options, where the outcome is AskEnrol; else, for an
	// account born in this flow, what will do instead of completing one of Options. Nobody else may: an enrolment without a proof would be a second road around the factor.
	Enrol []Method
	// EnrolAfter lists what the person, who has no own factor, may switch on after completing one of Options. It is an
	// invitation, or (where contact codes do not reach the level) what comes next.
	EnrolAfter []Method
}
