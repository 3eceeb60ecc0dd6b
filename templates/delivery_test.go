package templates

import (
	"strings"
	"testing"
)

// Scripts reach nothing, but from a page that asks what became of its code, and that one reaches its own origin only.
func TestOnlyAPageThatAsksMayReachAnything(t *testing.T) {
	s, asks := newSet(t), 0
	for _, f := range Fixtures() {
		policy := s.CSP(f.Page)
		rest, own := strings.CutSuffix(policy, "; connect-src 'self'")
		p, code := f.Page.(CodePage)
		if want := code && p.Delivery.Poll != ""; own != want || strings.Contains(rest, "connect-src") {
			t.Errorf("%s: %s", f.Name, policy)
		}
		if own {
			asks++
		}
	}
	if asks == 0 {
		t.Error("no page asks")
	}
}

// The words of a state are honest: only what a gateway said arrived is called that, and a state without a time names none.
func TestWhatIsSaidOfACodesWay(t *testing.T) {
	s := newSet(t)
	for lang, words := range map[string]map[string]string{
		"it": {Queued: "SMS: in coda.", Sent: "SMS: inviato alle 12:03.", Delivered: "SMS: consegnato alle 12:03.",
			Undelivered: "SMS: non consegnato. Controlla che il numero sia giusto e il telefono acceso, o scegli un altro modo.",
			Unsent:      "SMS: invio non riuscito. Controlla che il numero sia giusto, o scegli un altro modo.",
			Late:        "SMS: non ancora partito. Continuiamo a provare."},
		"en": {Queued: "Text message: waiting to be sent.", Sent: "Text message: sent at 12:03.", Delivered: "Text message: delivered at 12:03.",
			Undelivered: "Text message: not delivered. Check that the number is right and the phone is on, or choose another way.",
			Unsent:      "Text message: we could not send it. Check that the number is right, or choose another way.",
			Late:        "Text message: not sent yet. We’ll keep trying."},
	} {
		for _, f := range fixtures(lang) {
			p, ok := f.Page.(CodePage)
			if !ok || p.Method != "sms" || p.Delivery.State == "" || len(p.Others) == 0 {
				continue
			}
			v, err := s.look(p)
			if err != nil {
				t.Fatal(err)
			}
			got, err := v.DeliverySays(p.Delivery.State)
			if want := words[p.Delivery.State]; err != nil || want != "" && got != want {
				t.Errorf("%s in %s: %q, want %q (%v)", f.Name, lang, got, want, err)
			}
			for state := range words { // what the script may have to say
				if says, err := v.DeliverySays(state); err != nil || (strings.Contains(says, "consegnato alle") || strings.Contains(says, "delivered at")) != (state == Delivered) {
					t.Errorf("%s: %q, %v", state, says, err)
				}
			}
		}
	}
}
