package acr

import (
	"strings"
	"testing"
	"time"
)

// FuzzResolver: the properties of the decision hold for whatever names a panel writes into acr_values and the acr claim,
// and a name that nobody knows changes nothing, unless it is all that was demanded as essential.
func FuzzResolver(f *testing.F) {
	for _, s := range []string{"mfa", "sfa mfa", "phr phrh", "urn:x mfa", "MFA", "mfa ", " ", "0", "\u00a0mfa", "mfa\tsfa", "https://refeds.org/profile/mfa", "mfa mfa mfa"} {
		for how := range uint8(4) {
			f.Add(s, how, uint16(7*how), []byte{0, 60, 4, 30, how, 1})
		}
	}
	f.Fuzz(func(t *testing.T, names string, how uint8, pick uint16, history []byte) {
		c := point{p: somePolicies[int(how)/4%len(somePolicies)], w: somePeople[int(pick)%len(somePeople)].but(), e: saw()}
		c.r = ask(append(append([]wish{}, someScopes[int(pick)/16%len(someScopes)]...), somePrompts[int(pick)/128%len(somePrompts)]...)...)
		for ; len(history) > 1 && len(c.e.Events) < 6; history = history[2:] {
			e := someEvents[int(history[0])%len(someEvents)]
			e.At = now.Add(-time.Duration(history[1]) * 3 * time.Minute)
			c.e.Events = append(c.e.Events, e)
		}
		c.e.Quarantine = pick&1024 != 0
		list := strings.Fields(names)
		c.r.AcrValues, c.r.Essential, c.r.Wishes, c.r.HasEssential = nil, nil, nil, false
		with := func(list []string) point {
			d := c
			switch how % 4 {
			case 0:
				d.r.AcrValues = list
			case 1:
				d.r.Essential, d.r.HasEssential = list, true
			case 2:
				d.r.Wishes = list
			default:
				d.r.AcrValues, d.r.BestEffort = list, true
			}
			return d
		}
		asked := with(list)
		if err := asked.check(); err != nil {
			t.Fatalf("%v%v", err, asked)
		}
		var known []string
		for _, name := range list {
			if c.p.Known(name) {
				known = append(known, name)
			}
		}
		if len(known) == 0 && how%4 == 1 {
			return // essential and unknown: refused or asked for, as the table of rows has it
		}
		if got, want := told(asked.decide()), told(with(known).decide()); got != want {
			t.Errorf("%q: %s\nwithout the unknown: %s", list, got, want)
		}
	})
}
