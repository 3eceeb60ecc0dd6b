package acr

import (
	"slices"
	"time"
)

// ContactCodes says when a one-time code to a mere contact is offered as the second step.
type ContactCodes string

// The choices of second_factor.contact_codes.
const (
	WithoutFactor ContactCodes = "without_factor" // only to people without an own factor (default)
	Always        ContactCodes = "always"
	Never         ContactCodes = "never"
)

// SocialRule says when a social sign-in demands a second step.
type SocialRule string

// The choices of second_factor.social.
const (
	SocialFirstLogin SocialRule = "first_login"
	SocialNewDevice  SocialRule = "new_device"
	SocialAlways     SocialRule = "always"
	SocialNever      SocialRule = "never"
)

// Provider is what the decision must know about a social provider.
type Provider struct {
	Floor          string            // level every sign-in through it needs; "" = none
	ReauthUpstream bool              // its auth_time is believed when asked to re-authenticate
	TrustAcr       map[string]string // its acr -> our level, where YAML says so
}

// Policy is the operator's part of the decision: immutable once built by config.
type Policy struct {
	Levels       []Level
	ContactCodes ContactCodes
	Social       SocialRule
	// EverySignIn: when_enrolled asks at each sign-in people who switched a factor on (help promise 2).
	EverySignIn bool
	// IndependentPreferred: a non-independent code is offered last and counts for the level, but never adds mfa to amr.
	IndependentPreferred bool
	Cooling              time.Duration // fresh contacts, weak enrolments and mailed passwords rest this long
	Channels             []Method      // message channels that exist here, in order of preference
	Enrollable           []Method      // own factors a person can switch on here (totp, passkey, sms, whatsapp)
	Countries            []string      // to whose numbers codes go (ISO 3166); nil = to all
	Providers            map[string]Provider
	GroupFloors          map[string]string // level that whoever is in the group needs, whatever is asked, by its name
}

// serves reports whether codes go to numbers of a country.
func (p *Policy) serves(channel Method, country string) bool {
	return p.Countries == nil || channel.facts().Contact != "phone" || slices.Contains(p.Countries, country)
}

// leastStrength is the weakest strength of a second step that counts for a level.
func (p *Policy) leastStrength() strength {
	if p.IndependentPreferred {
		return dependent
	}
	return independent
}

// groupFloor is the highest floor of a person's groups. It binds the person, so no client, scope or request lowers it.
func (p *Policy) groupFloor(person *Person) int {
	floor := 0
	for _, group := range person.Groups {
		floor = max(floor, p.floor(p.GroupFloors[group]))
	}
	return floor
}

// HasGroupFloor reports whether more than a first step is needed of the person by a group of theirs.
func (p *Policy) HasGroupFloor(person Person) bool { return p.groupFloor(&person) > 0 }

// allowsContactCode reports whether a code to a contact may be the second step of someone who has (or has not) an own factor.
func (p *Policy) allowsContactCode(hasOwn bool) bool {
	switch p.ContactCodes {
	case Always:
		return true
	case Never:
		return false
	default:
		return !hasOwn
	}
}
