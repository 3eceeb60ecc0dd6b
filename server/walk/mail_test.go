package walk

import (
	"regexp"
	"slices"
	"time"
)

// mail is a message that came in while a browser did something.
type mail struct {
	to, kind, text string
	at             time.Time
	by             *browser // nil = nobody in front of a browser
	request        string
	used           bool
}

// What is in a message or on a page.
var (
	codeIn  = regexp.MustCompile(`(?m)^\s*(\d{6})\s*$`)
	linkIn  = regexp.MustCompile(`https://sso\.example\.test/password/reset\?t=\S+`)
	notMeIn = regexp.MustCompile(`https://sso\.example\.test/not-me\?t=\S+`)
	keyIn   = regexp.MustCompile(`<code class="key">([^<]+)</code>`)
	spareIn = regexp.MustCompile(`<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>`)
	maskIn  = regexp.MustCompile(`(\S)•••@(\S)•••`)
)

// pump reads what came in.
func (w *walk) pump(by *browser) {
	w.Deliver()
	all := w.Memory.All()
	if w.read > len(all) {
		w.read = 0
	}
	for _, m := range all[w.read:] {
		n := mail{to: m.To, kind: string(m.Kind), text: m.Text, at: m.At, by: by}
		if by != nil {
			n.request = by.request()
		}
		w.mails = append(w.mails, n)
	}
	if w.read = len(all); w.read >= 1000 {
		w.t.Fatal("the memory of messages is full: fewer acts in a round")
	}
}

// codeFor is the newest code that went to an address for what a browser is at; "" when there is none that lives.
func (w *walk) codeFor(br *browser, address string) string {
	for _, m := range slices.Backward(w.mails) {
		if m.to == address && m.kind == "code" && m.by == br && m.request == br.request() && time.Since(m.at) < 10*time.Minute {
			if c := codeIn.FindStringSubmatch(m.text); c != nil {
				return c[1]
			}
		}
	}
	return ""
}
