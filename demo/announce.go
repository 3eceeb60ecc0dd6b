package demo

import (
	"fmt"
	"strings"
)

// announce prints what a newcomer needs, and nothing else.
func (h *runningDemo) announce() {
	p := func(format string, args ...any) { fmt.Fprintf(h.Out, format+"\n", args...) }
	p("Soglia, trying it out. Everything here is gone when you press Ctrl-C.")
	p("")
	p("  Open this         %s", h.at.Panel.URL)
	p("                    sign in, then open DNS: a code is asked for; then Billing: it is not")
	p("  Sign in as")
	for _, who := range h.dev.customers {
		p("    %-7s %-24q %s", who.Username, who.Password, who.What)
	}
	p("  or with Social demo as")
	for _, who := range h.dev.friends {
		p("    %-7s %-24q %s", who.Username, who.Password, who.What)
	}
	p("  Codes appear in   %s/dev/outbox (live), and here below", h.at.SSO.URL)
	p("  Everything else   %s/dev/ (bruno's app code, every page, people)", h.at.SSO.URL)
	p("  Discovery         %s/.well-known/openid-configuration", h.at.SSO.URL)
	if h.Client != "" {
		p("")
		p("  Your own panel    issuer         %s", h.at.SSO.URL)
		p("                    client_id      %s", ownClient)
		p("                    client_secret  %s", h.keys.clients[ownClient])
		p("                    redirect_uri   %s", h.Client)
	}
	if len(h.config.SwitchedOff) > 0 {
		p("")
		p("  Not built yet and switched off here: %s", strings.Join(h.config.SwitchedOff, ", "))
	}
	p("")
}
