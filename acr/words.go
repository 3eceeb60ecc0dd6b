package acr

// The one set of sentences about the decision: `soglia explain` prints them, and `soglia audit` beside the reasons of its
// records. Each is short, plain, and true of the demand whether it is met or not; what it is about in detail (which scope, which
// level) stands beside it.

// Words is the sentence of a reason; "" for one that has none.
func (r Reason) Words() string { return reasons[r] }

// Words is the sentence of a flaw; "" for one that has none.
func (f Flaw) Words() string { return flaws[f] }

var reasons = map[Reason]string{
	ReasonNoSession:     "Every answer needs a sign-in: a password, a linked login or a passkey.",
	ReasonPromptLogin:   "The panel asked for a new sign-in (prompt).",
	ReasonMaxAge:        "The panel asked for a proof no older than its max_age.",
	ReasonOtherPerson:   "The panel expects somebody else (id_token_hint, or sub in claims).",
	ReasonQuarantine:    "A linked login waited for its first second step, and the request could not ask for it.",
	ReasonAcrAsked:      "The panel asked for a level (acr_values, the acr claim, default_acr_values).",
	ReasonClientFloor:   "The panel lets nobody in below a level (clients[].require_acr).",
	ReasonGroupFloor:    "Whoever is in this group needs a level, at every panel (groups.*.acr).",
	ReasonScopeFloor:    "The scope is given from a level on (scopes.*.acr).",
	ReasonScopeMaxAge:   "The scope is given on a recent proof only (scopes.*.max_age).",
	ReasonProviderFloor: "A sign-in through this provider needs a level (providers.*.floor).",
	ReasonOwnChoice:     "A second step at every sign-in: the person chose it, or has a factor (second_factor.every_sign_in).",
	ReasonFirstSocial:   "A sign-in by a linked login takes a second step (second_factor.social).",
	ReasonConnect:       "A login is connected to an account behind a recent second step only.",
	ReasonUnreachable:   "Nothing that the person has reaches the level.",
	ReasonUnknownAcr:    "The panel insists on a level that is unknown here (essential acr claim).",
	ReasonDeclined:      "The person said no to the step that was asked.",
	ReasonCooling:       "What the person has would reach the level, but still rests (contacts.cooling).",
	ReasonFrozen:        "Somebody said it was not me: for the cooling time only older factors and another settled contact count (soglia user waive-rest).",

	// Of request, which refuses beside the decision.
	"scopes_taken_away": "The configuration gives the panel none of the scopes any more.",
	"consent":           "The person did not allow the panel what it asked for.",
}

var flaws = map[Flaw]string{
	FlawGone:         "It was taken off the account.",
	FlawDisabled:     "It is out of use after too many wrong codes (soglia user reset-factor).",
	FlawNoRepeat:     "This provider asks nobody again (providers.*.reauth), so it proves nothing after the sign-in.",
	FlawEarlier:      "It was before this request, which wants a new sign-in.",
	FlawVoided:       "It was before a factor, an address or a login was taken away, or somebody said it was not me.",
	FlawTooOld:       "It is older than the request's max_age.",
	FlawLapsed:       "Its level has lapsed (acr[].lasts).",
	FlawResting:      "It rests, or did when it was used (contacts.cooling).",
	FlawTainted:      "The password was set through this mailbox: whoever reads it has both steps.",
	FlawReported:     "The linked login has this address: whoever holds the login has both steps.",
	FlawAlone:        "No first step stands beside it.",
	FlawBesideFactor: "The person has a factor, so codes to addresses do not count (second_factor.contact_codes).",
	FlawContactCodes: "Codes to addresses do not count here (second_factor.contact_codes: never).",
	FlawOtherChannel: "The number is a factor that was not proved by this channel.",
	FlawLevel:        "The level does not take it (acr[].second).",
	FlawChannel:      "No code goes this way here (factors.codes.channels).",
	FlawFrozen:       "It came with or after an act that was disowned (it was not me), or is where the link was read.",
	FlawCountry:      "No code goes to this country (factors.sms.countries).",
}
