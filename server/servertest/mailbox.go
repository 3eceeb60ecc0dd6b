package servertest

import (
	"context"
	"regexp"

	"github.com/soglia-sso/soglia/notify"
)

// codeLine is the line of a message that holds nothing but the code.
var codeLine = regexp.MustCompile(`(?m)^\s*(\d{6,8})\s*$`)

// Deliver hands over every message that is due.
func (w *World) Deliver() {
	w.T.Helper()
	if err := w.Server.Drain(context.Background()); err != nil {
		w.T.Fatal(err)
	}
}

// Mails delivers and returns what went to an address, oldest first.
func (w *World) Mails(address string) []notify.Sent {
	w.T.Helper()
	w.Deliver()
	var out []notify.Sent
	for _, m := range w.Memory.All() {
		if m.To == address {
			out = append(out, m)
		}
	}
	return out
}

// Code delivers and returns the newest code that went to an address.
func (w *World) Code(address string) string {
	w.T.Helper()
	mails := w.Mails(address)
	for i := len(mails) - 1; i >= 0; i-- {
		if mails[i].Channel != "email" && mails[i].Kind == "code" { // stands within the sentence
			return mails[i].Code
		}
		if m := codeLine.FindStringSubmatch(mails[i].Text); m != nil && mails[i].Kind == "code" {
			if mails[i].Code != m[1] || mails[i].Lang == "" { // some gateways want them apart
				w.T.Errorf("the text says %s, and apart from it stand %q in %q", m[1], mails[i].Code, mails[i].Lang)
			}
			return m[1]
		}
	}
	w.T.Fatalf("no code went to %s; %d messages did", address, len(mails))
	return ""
}

// Codes delivers and says how many codes went to an address.
func (w *World) Codes(address string) int {
	w.T.Helper()
	n := 0
	for _, m := range w.Mails(address) {
		if m.Kind == "code" {
			n++
		}
	}
	return n
}
