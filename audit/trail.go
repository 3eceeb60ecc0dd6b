package audit

import (
	"context"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// Trail is where an act came from. The wiring puts it into the context of every request.
type Trail struct {
	IP        netip.Addr // zero = none, as for a command on the server itself
	UserAgent string     // as sent; cleaned when a record is made
	RequestID string     // of the HTTP request, the reference number on pages
}

type trailKey struct{}

// With puts the trail into the context.
func With(ctx context.Context, t Trail) context.Context { return context.WithValue(ctx, trailKey{}, t) }

// From takes it out; the zero Trail when there is none.
func From(ctx context.Context) Trail {
	t, _ := ctx.Value(trailKey{}).(Trail)
	return t
}

// Event is a record with its origin filled in. The caller adds what only it knows: At (the database's clock), actor,
// person, client, session, detail.
func (t Trail) Event(name, outcome, reason string) *storage.Event {
	ev := &storage.Event{
		ID: secret.NewID(), Name: name, Outcome: outcome, Reason: reason,
		UserAgent: Clean(t.UserAgent), RequestID: t.RequestID,
	}
	if t.IP.IsValid() {
		ev.IP = t.IP.String()
	}
	return ev
}

// maxAgent bounds a user agent at rest, in bytes. Real ones are shorter.
const maxAgent = 256

// Clean makes a string from a stranger fit to be kept and shown: valid UTF-8, one line, no invisible or text-direction
// characters, at most 256 bytes.
func Clean(s string) string {
	s = s[:min(len(s), 4*maxAgent)]
	s = strings.Map(func(c rune) rune {
		if c == utf8.RuneError || unicode.Is(unicode.Cf, c) || !unicode.IsPrint(c) && !unicode.IsSpace(c) {
			return -1
		}
		if unicode.IsSpace(c) {
			return ' '
		}
		return c
	}, s)
	if len(s) > maxAgent {
		s = s[:maxAgent]
		for !utf8.ValidString(s) { // cut inside a character
			s = s[:len(s)-1]
		}
	}
	return strings.TrimSpace(s)
}
