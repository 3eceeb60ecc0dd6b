package acr

import (
	"slices"
	"time"
)

// Kind says what a level needs above the one below it.
type Kind int

// The kinds, weakest first.
const (
	FirstStep         Kind = iota // any complete first step
	SecondFactor                  // a second, independent factor out of Level.Second, or a user-verified passkey
	PhishingResistant             // a passkey with user verification
	HardwareBound                 // the same with attested hardware binding
)

// Level is one level of proof. Policy.Levels lists them weakest first; the order is the hierarchy.
type Level struct {
	Name    string
	Aliases []string
	Kind    Kind
	Second  []Method      // for SecondFactor: the methods that reach it; empty otherwise
	Lasts   time.Duration // how long after its event the level holds; 0 = as long as the session
}

// lasts reports whether the level, proved at t, still holds.
func (l *Level) lasts(t, now time.Time) bool { return l.Lasts == 0 || now.Before(t.Add(l.Lasts)) }

// index returns the place of a level in the hierarchy by name or alias. An unknown name stands above every level: as a
// floor nobody reaches it, so a stored request whose level was taken out of the YAML fails closed.
func (p *Policy) index(name string) int {
	for i := range p.Levels {
		if p.Levels[i].Name == name || slices.Contains(p.Levels[i].Aliases, name) {
			return i
		}
	}
	return len(p.Levels)
}

// lowest returns the place of the lowest of these levels.
func (p *Policy) lowest(names []string) int {
	least := len(p.Levels)
	for _, name := range names {
		least = min(least, p.index(name))
	}
	return least
}

// exists reports whether there is a level at place l; what index and secondFactorLevel do not find is at none.
func (p *Policy) exists(l int) bool { return l < len(p.Levels) }

// floor is index for an optional floor: "" is the lowest level, which every answer has anyway.
func (p *Policy) floor(name string) int {
	if name == "" {
		return 0
	}
	return p.index(name)
}

// secondFactorLevel returns the place of the lowest level that needs more than a first step: what "mfa" means in the rules
// about people. Without such a level those rules cannot be met, and nothing is granted.
func (p *Policy) secondFactorLevel() int {
	for i := range p.Levels {
		if p.Levels[i].Kind >= SecondFactor {
			return i
		}
	}
	return len(p.Levels)
}

// Level returns the level that name, or an alias, stands for.
func (p *Policy) Level(name string) (Level, bool) {
	if i := p.index(name); p.exists(i) {
		return p.Levels[i], true
	}
	return Level{}, false
}

// Known reports whether name is a level or an alias of one.
func (p *Policy) Known(name string) bool { return p.exists(p.index(name)) }

// Compare orders two level names by the hierarchy: Compare(held, floor) >= 0 says that held meets floor. "" is no
// level, below every other. An unknown name meets nothing and is met by nothing: Compare is -1 both ways.
func (p *Policy) Compare(a, b string) int {
	if a == "" && b == "" {
		return 0
	}
	if b == "" && p.Known(a) {
		return 1
	}
	i, j := p.index(a), p.index(b)
	if a == "" || !p.exists(i) || !p.exists(j) || i < j {
		return -1
	}
	if i > j {
		return 1
	}
	return 0
}
