package templates

import (
	"io"
	"testing"

	"github.com/soglia-sso/soglia/acr"
)

// The example pages show methods as package step does: by their facts.
func TestExamplePagesKnowTheFactsOfTheirMethod(t *testing.T) {
	for _, f := range Fixtures() {
		p, ok := f.Page.(CodePage)
		if !ok {
			continue
		}
		facts := acr.Method(p.Method).Facts()
		if p.Icon != facts.Icon || p.Sent != (facts.Contact != "") || p.Digits != facts.Digits {
			t.Errorf("%s: icon %q, sent %v, digits %v", f.Name, p.Icon, p.Sent, p.Digits)
		}
	}
}

// "Send the code to", said of an app, would be wrong: a method whose code nobody sends needs words of its own where the
// general ones are about sending. Elsewhere the general ones serve.
func TestAMethodThatSendsNothingHasItsOwnWords(t *testing.T) {
	s := newSet(t)
	for _, m := range acr.Methods(func(f acr.Facts) bool { return f.Second && f.Contact == "" }) {
		for _, id := range []string{"way", "account.method"} {
			if !s.Has(id + "." + string(m)) {
				t.Errorf("no text %q", id+"."+string(m))
			}
		}
	}
}

// A channel that is not built yet has its words all the same; the gallery shows only what the server can.
func TestEveryChannelHasItsWords(t *testing.T) {
	s := newSet(t)
	for _, m := range acr.Methods(func(f acr.Facts) bool { return f.Contact != "" }) {
		for _, lang := range languages {
			page := &CodePage{Page: Page{Lang: lang, Request: "/login/x"}, Method: string(m), Icon: m.Facts().Icon, Sent: true, Digits: true, Destination: "••• 567", Minutes: 10,
				Others: []Way{{Value: "w", Method: string(m), Destination: "••• 567"}}}
			if err := s.Render(io.Discard, page); err != nil {
				t.Errorf("%s in %s: %v", m, lang, err)
			}
		}
	}
}
