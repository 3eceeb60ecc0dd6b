package walk

import (
	"regexp"
	"slices"
	"time"
)

// mail is a message that came in while a browser did something.
type mail struct {
	to, kind, text string
	channel, code  string
	at             time.Time
	by             *browser // nil = nobody in front of a browser
	request        string
	used           bool
}

// What is in a message or on a page.
var (
	linkIn  = regexp.MustCompile(`https://sso\.example\.test/password/reset\?t=\S+`)
	notMeIn = regexp.MustCompile(`https://sso\.example\.test/not-me\?t=\S+`)
	keyIn   = regexp.MustCompile(`<code class="key">([^<]+)</code>`)
	spareIn = regexp.MustCompile(`<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>`)
	endIn   = regexp.MustCompile(`•••\s•••\s(\d{3})`)
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
		n := mail{to: m.To, kind: string(m.Kind), text: m.Text, channel: m.Channel, code: m.Code, at: m.At, by: by}
		if by != nil {
			n.request = by.request()
		}
		w.mails = append(w.mails, n)
	}
	if w.read = len(all); w.read >= 1000 {
		w.t.Fatal("the memory of messages is full: fewer acts in a round")
	}
}

// codeFor is the newest code that went to an address by a channel for what a browser is at; "" when there is none that lives.
func (w *walk) codeFor(br *browser, address, channel string) string {
	for _, m := range slices.Backward(w.mails) {
		if m.to == address && m.channel == channel && m.kind == "code" && m.by == br && m.request == br.request() && time.Since(m.at) < 10*time.Minute {
			return m.code
		}
	}
	return ""
}
