package walk

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A book that allows everything finds nothing: what it says of some sign-ins, by hand.
func TestTheBookSaysNo(t *testing.T) {
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	for name, row := range map[string]struct {
		does func(*book, *person, *grant) // between minute 10 and minute 20
		says said
		more string // part of what is too much; "" = nothing is
	}{
		"an owner":                        {nil, said{acr: "mfa", amr: []string{"pwd", "mfa", "mca", "otp"}, time: at(5).Unix(), scopes: []string{"openid", "billing"}}, ""},
		"another subject":                 {nil, said{sub: "other"}, "the subject is"},
		"a level that is none":            {nil, said{acr: "phr", time: at(5).Unix()}, "acr=phr"},
		"a password as the second step":   {nil, said{acr: "mfa", time: at(4).Unix()}, "not of a second step"},
		"an invented time":                {nil, said{acr: "sfa", time: at(9).Unix()}, "of no event"},
		"a method that nobody used":       {nil, said{amr: []string{"hwk"}}, "amr says hwk"},
		"a scope that nobody asked for":   {nil, said{scopes: []string{"dns"}}, "was not asked for"},
		"a locked account":                {func(_ *book, p *person, _ *grant) { p.disabled = true }, said{}, "locked"},
		"after the session":               {func(_ *book, _ *person, g *grant) { g.sit.ended = true }, said{}, "session is over"},
		"the first step after a session":  {func(_ *book, _ *person, g *grant) { g.sit.ended, g.offline = true, true }, said{acr: "sfa", time: at(4).Unix(), scopes: []string{"openid"}}, ""},
		"the second step after a session": {func(_ *book, _ *person, g *grant) { g.sit.ended, g.offline = true, true }, said{acr: "mfa", time: at(5).Unix()}, "acr=mfa"},
		"a code beside an app":            {func(b *book, p *person, _ *grant) { p.app = &app{at: at(11)} }, said{acr: "mfa", time: at(5).Unix()}, "acr=mfa"},
		"a code after an app": {func(b *book, p *person, _ *grant) {
			p.app = &app{at: at(11)}
			b.removeApp(p, at(12))
		}, said{acr: "mfa", time: at(5).Unix()}, "acr=mfa"},
		"a code to a mailbox that came back": {func(b *book, p *person, _ *grant) {
			p.contacts = nil
			b.addContact(p, "x@y.test", at(11))
		}, said{acr: "mfa", time: at(5).Unix()}, "acr=mfa"},
		"a code while the password came through it": {func(b *book, p *person, _ *grant) {
			p.from = tainted{"X+1@y.test", at(0), at(100)}
		}, said{acr: "mfa", time: at(5).Unix()}, "acr=mfa"},
		"a scope that the YAML took away": {func(b *book, _ *person, g *grant) {
			b.yaml.clients["panel"].scopes = []string{"openid"}
		}, said{scopes: []string{"billing"}}, "not the client's"},
		"offline_access that the YAML took away": {func(b *book, _ *person, g *grant) {
			g.offline = true
			b.yaml.clients["panel"].scopes = []string{"openid"}
		}, said{}, "offline_access is gone"},
		"a level that lapsed": {func(b *book, _ *person, _ *grant) { b.yaml.lasts = 10 * time.Minute }, said{scopes: []string{"billing"}}, "without its level"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &book{yaml: newYAML()}
			c := &contact{address: "x@y.test"}
			p := &person{name: "anna", sub: "anna", password: "x", contacts: []*contact{c}}
			s := &sitting{who: p, at: at(4), active: at(15)}
			g := &grant{panel: "panel", who: p, sit: s, at: at(10), scopes: []string{"openid", "billing"}, proofs: []*proof{
				{how: byPassword, at: at(4)}, {how: byMail, at: at(5), contact: c},
			}}
			if row.does != nil {
				row.does(b, p, g)
			}
			got := b.excess(g, row.says, at(20))
			if row.more == "" && len(got) > 0 || row.more != "" && !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, row.more) }) {
				t.Errorf("%q, want %q", got, row.more)
			}
		})
	}
}

// Who may switch an app on.
func TestTheBookSaysWhoMayEnrol(t *testing.T) {
	now := time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC)
	reported := &login{subject: "g", told: []report{{"x@y.test", now.Add(-time.Hour)}}}
	for name, row := range map[string]struct {
		proofs    []*proof
		does      func(*person)
		preferred bool
		ok, rests bool
	}{
		"the password alone":                 {ok: false},
		"a code":                             {proofs: []*proof{{how: byMail, at: now}}, ok: true},
		"an old code":                        {proofs: []*proof{{how: byMail, at: now.Add(-time.Hour)}}},
		"a code to a resting mailbox":        {proofs: []*proof{{how: byMail, at: now}}, does: func(p *person) { p.contacts[0].rests = now.Add(time.Hour) }},
		"a code to the mailbox of the reset": {proofs: []*proof{{how: byMail, at: now}}, does: func(p *person) { p.from = tainted{"x@y.test", now, now.Add(time.Hour)} }},
		"the same, independence preferred":   {proofs: []*proof{{how: byMail, at: now}}, does: func(p *person) { p.from = tainted{"x@y.test", now, now.Add(time.Hour)} }, preferred: true, ok: true, rests: true},
		"the same, just born": {proofs: []*proof{{how: byMail, at: now}}, does: func(p *person) {
			p.from, p.birth = tainted{"x@y.test", now, now.Add(time.Hour)}, birth{"x@y.test", now.Add(time.Hour)}
		}, ok: true},
		"beside an app":                        {proofs: []*proof{{how: byMail, at: now}}, does: func(p *person) { p.app = &app{} }},
		"a social sign-in that tells the same": {proofs: []*proof{{how: bySocial, at: now, login: reported}, {how: byMail, at: now}}, does: func(p *person) { p.password, reported.of = "", p }},
	} {
		t.Run(name, func(t *testing.T) {
			b := &book{yaml: newYAML()}
			b.yaml.preferred = row.preferred
			p := &person{name: "anna", password: "x", contacts: []*contact{{address: "x@y.test"}}}
			proofs := row.proofs
			if len(proofs) == 0 || proofs[0].how != bySocial {
				proofs = append([]*proof{{how: byPassword, at: now}}, proofs...)
			}
			for _, e := range proofs {
				if e.how == byMail {
					e.contact = p.contacts[0]
				}
			}
			if row.does != nil {
				row.does(p)
			}
			rests, ok := b.mayEnrol(&sitting{who: p, at: now, active: now, proofs: proofs}, "", now)
			if ok != row.ok || rests.IsZero() == row.rests {
				t.Errorf("%v, rests until %v", ok, rests)
			}
		})
	}
}
