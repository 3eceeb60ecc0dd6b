package acr

import (
	"fmt"
	"slices"
)

// PolicyError is one mistake in a policy, about one level ("" = the whole), for config to print with its place.
type PolicyError struct {
	Level   string
	Problem string
}

func (e *PolicyError) Error() string {
	if e.Level == "" {
		return "acr: " + e.Problem
	}
	return fmt.Sprintf("acr level %q: %s", e.Level, e.Problem)
}

// Validate returns every mistake of the policy, each a [*PolicyError]; above all the levels that no available method can
// reach, at which every panel asking for them would be turned away. available are the methods that are configured: first
// steps, own factors and channels.
func (p *Policy) Validate(available []Method) []error {
	v := validator{p: p, available: available}
	v.names()
	for i := range p.Levels {
		v.order(i)
		v.reachable(i)
	}
	v.rules()
	return v.errs
}

type validator struct {
	p         *Policy
	available []Method
	errs      []error
}

func (v *validator) add(level, format string, args ...any) {
	v.errs = append(v.errs, &PolicyError{Level: level, Problem: fmt.Sprintf(format, args...)})
}

func (v *validator) names() {
	seen := map[string]bool{}
	for i := range v.p.Levels {
		level := &v.p.Levels[i]
		for _, name := range append([]string{level.Name}, level.Aliases...) {
			switch {
			case name == "":
				v.add(level.Name, "has an empty name")
			case seen[name]:
				v.add(level.Name, "the name %q is used twice", name)
			}
			seen[name] = true
		}
	}
}

// order checks that each level needs at least what the one below it needs: holding a level then means holding all below.
func (v *validator) order(i int) {
	level := &v.p.Levels[i]
	if i == 0 {
		if level.Kind != FirstStep {
			v.add(level.Name, "the lowest level must be a first step alone")
		}
		return
	}
	below := &v.p.Levels[i-1]
	switch {
	case level.Kind < below.Kind:
		v.add(level.Name, "needs less than %q, which stands below it", below.Name)
	case level.Kind == SecondFactor && below.Kind == SecondFactor:
		for _, m := range level.Second {
			if !slices.Contains(below.Second, m) {
				v.add(level.Name, "is reached by %q, which does not reach %q below it", m, below.Name)
			}
		}
	}
}

func (v *validator) has(m Method) bool { return slices.Contains(v.available, m) }

func (v *validator) reachable(i int) {
	level := &v.p.Levels[i]
	reachable := false
	switch level.Kind {
	case FirstStep:
		reachable = slices.ContainsFunc(v.available, func(m Method) bool { return m.facts().First })
	case SecondFactor:
		reachable = v.has(Passkey)
		for _, m := range level.Second {
			// Reserve codes only exist beside a factor, and a mailbox is never more than a contact.
			contactOnly := m == Email && v.p.ContactCodes == Never
			reachable = reachable || m != Recovery && !contactOnly && v.has(m)
		}
	default:
		reachable = v.has(Passkey)
	}
	for _, provider := range v.p.Providers {
		for _, name := range provider.TrustAcr {
			if at := v.p.index(name); at >= i && v.p.exists(at) {
				reachable = true
			}
		}
	}
	if !reachable {
		v.add(level.Name, "no configured factor can reach it")
	}
}

// rules checks what refers to levels.
func (v *validator) rules() {
	if len(v.p.Levels) == 0 {
		v.add("", "there is no level")
	}
	if !v.p.exists(v.p.secondFactorLevel()) && (v.p.EverySignIn || v.has(Social) && v.p.Social != SocialNever) {
		v.add("", "no level needs a second step, but second_factor asks for one")
	}
	groups := make([]string, 0, len(v.p.GroupFloors))
	for name := range v.p.GroupFloors {
		groups = append(groups, name)
	}
	slices.Sort(groups)
	for _, name := range groups {
		if floor := v.p.GroupFloors[name]; !v.p.Known(floor) {
			v.add(floor, "is unknown (acr of group %q)", name)
		}
	}
	names := make([]string, 0, len(v.p.Providers))
	for name := range v.p.Providers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		provider := v.p.Providers[name]
		if provider.Floor != "" && !v.p.Known(provider.Floor) {
			v.add(provider.Floor, "is unknown (floor of provider %q)", name)
		}
		acrs := make([]string, 0, len(provider.TrustAcr))
		for upstream := range provider.TrustAcr {
			acrs = append(acrs, upstream)
		}
		slices.Sort(acrs)
		for _, upstream := range acrs {
			if level := provider.TrustAcr[upstream]; !v.p.Known(level) {
				v.add(level, "is unknown (trust_acr of provider %q)", name)
			}
		}
	}
}
