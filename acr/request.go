package acr

import "time"

// OnUnmet says what happens to a scope whose floor is not met.
type OnUnmet string

// The choices of on_unmet.
const (
	StepUp OnUnmet = "step_up" // ask; declining is access_denied
	Offer  OnUnmet = "offer"   // ask, with "continue without"
	Drop   OnUnmet = "drop"    // never ask; granted only if already met
)

// Scope is a requested scope with its floor.
type Scope struct {
	Name    string        `json:"n"`
	Level   string        `json:"l,omitempty"` // "" = no floor
	MaxAge  time.Duration `json:"a,omitempty"` // 0 = none; else the second factor must be this fresh
	OnUnmet OnUnmet       `json:"u,omitempty"` // "" = StepUp
}

// Request is the requirement: what was asked, and the floors of client and scopes. op builds it once; it is stored as
// JSON with the authorization request.
type Request struct {
	ID           string         `json:"id"`
	Received     time.Time      `json:"at,omitzero"` // when it came in: an upstream auth_time before that is no re-authentication; zero = not checked
	Client       string         `json:"client"`
	ClientFloor  string         `json:"floor,omitempty"` // require_acr; level name
	Scopes       []Scope        `json:"scopes"`
	Names        []string       `json:"names,omitempty"` // level names this client was told of besides the lowest: require_acr, default_acr_values, floors of its scopes
	AcrValues    []string       `json:"acr_values,omitempty"`
	Essential    []string       `json:"essential,omitempty"` // claims id_token.acr essential value(s); overrides AcrValues
	HasEssential bool           `json:"has_essential,omitempty"`
	Wishes       []string       `json:"wishes,omitempty"` // non-essential acr claim, else default_acr_values
	BestEffort   bool           `json:"best_effort,omitempty"`
	PromptNone   bool           `json:"none,omitempty"`
	PromptLogin  bool           `json:"login,omitempty"`
	MaxAge       *time.Duration `json:"max_age,omitempty"`
	Subject      string         `json:"sub,omitempty"`      // id_token_hint or claims sub: only this person
	Declined     bool           `json:"declined,omitempty"` // the person said no to the step asked in this request
}

// asked is what a request demands by name.
type asked struct {
	names     []string // as the panel spelled them; unknown ones are still among them
	essential bool     // the essential acr claim
	soft      bool     // a wish, or best_effort: never an error
	wish      bool     // never a reason to switch a factor on
	unknown   bool     // essential, and not one value known
}

// asks resolves the acr parameters: an essential acr claim overrides acr_values (OIDC Core §5.5.1.1), which overrides
// wishes. Unknown values are ignored; none known = nothing asked, except where essential.
func (p *Policy) asks(r *Request) asked {
	switch {
	case r.HasEssential && len(r.Essential) > 0:
		return asked{names: r.Essential, essential: true, unknown: !p.anyKnown(r.Essential)}
	case p.anyKnown(r.AcrValues):
		return asked{names: r.AcrValues, soft: r.BestEffort}
	case p.anyKnown(r.Wishes):
		return asked{names: r.Wishes, soft: true, wish: true}
	}
	return asked{}
}

func (p *Policy) anyKnown(names []string) bool {
	for _, name := range names {
		if p.Known(name) {
			return true
		}
	}
	return false
}
