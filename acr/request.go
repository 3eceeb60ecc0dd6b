package acr

import (
	"slices"
	"time"
)

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
	// Required: the client takes nobody without it (require_scopes). Then OnUnmet says nothing: it is asked for, and no answer
	// leaves it out.
	Required bool `json:"r,omitempty"`
}

// asks reports whether an unmet scope is asked for, and nothing answered without it.
func (sc *Scope) asks() bool { return sc.Required || sc.OnUnmet != Offer && sc.OnUnmet != Drop }

// Terms are what the operator's YAML demands of one client: the part of a requirement that no request can change, and that
// is read anew whenever something is decided. config makes them.
type Terms struct {
	Floor            string   // require_acr; level name
	KnownLevels      []string // level names this client was told of: see Request.KnownLevels
	DefaultAcrValues []string
	BestEffort       bool             // acr_values: best_effort
	Scopes           map[string]Scope // the scopes it may have, with their floors
	Required         []string         // require_scopes: of these names those that are in every request, whatever it asks for
}

// Request is the requirement: what was asked, and the floors of client and scopes. It is stored as JSON with the
// authorization request; what is the YAML's in it is replaced by [Request.Under] whenever it is read.
type Request struct {
	ID           string         `json:"id"`
	Received     time.Time      `json:"at,omitzero"` // when it came in: an upstream auth_time before that is no re-authentication; zero = not checked
	Client       string         `json:"client"`
	ClientFloor  string         `json:"floor,omitempty"` // require_acr; level name
	Scopes       []Scope        `json:"scopes"`
	KnownLevels  []string       `json:"names,omitempty"` // level names this client was told of besides the lowest: require_acr, default_acr_values, floors of its scopes
	AcrValues    []string       `json:"acr_values,omitempty"`
	Essential    []string       `json:"essential,omitempty"` // claims id_token.acr essential value(s); overrides AcrValues
	HasEssential bool           `json:"has_essential,omitempty"`
	Wishes       []string       `json:"wishes,omitempty"`    // non-essential acr claim, else default_acr_values
	Defaulted    bool           `json:"defaulted,omitempty"` // Wishes are the client's default_acr_values
	BestEffort   bool           `json:"best_effort,omitempty"`
	PromptNone   bool           `json:"none,omitempty"`
	PromptLogin  bool           `json:"login,omitempty"`
	Select       bool           `json:"select,omitempty"` // prompt=select_account: a first step in this request says whose account it is, by any way
	MaxAge       *time.Duration `json:"max_age,omitempty"`
	Subject      string         `json:"sub,omitempty"`      // id_token_hint or claims sub: only this person
	Declined     bool           `json:"declined,omitempty"` // the person said no to the step asked in this request
	Connect      bool           `json:"connect,omitempty"`  // a social login waits to be connected to the account: see [Connects]
}

// Under returns the request by the terms of the moment: with the floors of now, and of the scopes those that the client may
// still have. Those that it requires are always there: a request goes through a browser, and whoever sits there can take a
// scope out. What the request asked for itself stays as it came.
func (r Request) Under(t Terms) Request {
	r.ClientFloor, r.KnownLevels, r.BestEffort = t.Floor, t.KnownLevels, t.BestEffort
	if r.Defaulted {
		r.Wishes = t.DefaultAcrValues
	}
	r.Scopes = t.allowed(r.Scopes)
	for _, name := range t.Required {
		if !slices.ContainsFunc(r.Scopes, func(s Scope) bool { return s.Name == name }) {
			r.Scopes = append(r.Scopes, t.Scopes[name])
		}
	}
	return r
}

// allowed are those of the scopes that the client may have, with their floors.
func (t *Terms) allowed(scopes []Scope) []Scope {
	out := make([]Scope, 0, len(scopes))
	for i := range scopes {
		if today, may := t.Scopes[scopes[i].Name]; may {
			out = append(out, today)
		}
	}
	return out
}

// asked is what a request demands by name.
type asked struct {
	names     []string // as the panel spelled them; unknown ones are still among them
	essential bool     // the essential acr claim
	soft      bool     // a wish, or best_effort: never an error
	wish      bool     // never a reason to switch a factor on
	unknown   bool     // essential, and not one value known
	parameter string   // where it stands: claims, acr_values, or the client's default_acr_values
}

// asks resolves the acr parameters: an essential acr claim overrides acr_values (OIDC Core §5.5.1.1), which overrides
// wishes. Unknown values are ignored; none known = nothing asked, except where essential.
func (p *Policy) asks(r *Request) asked {
	switch {
	case r.HasEssential && len(r.Essential) > 0:
		return asked{names: r.Essential, essential: true, unknown: !p.anyKnown(r.Essential), parameter: "claims"}
	case p.anyKnown(r.AcrValues):
		return asked{names: r.AcrValues, soft: r.BestEffort, parameter: "acr_values"}
	case p.anyKnown(r.Wishes):
		parameter := "claims"
		if r.Defaulted {
			parameter = "default_acr_values"
		}
		return asked{names: r.Wishes, soft: true, wish: true, parameter: parameter}
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
