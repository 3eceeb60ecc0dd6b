package demo

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// outboxOf reads the outbox as programs do.
func outboxOf(t *testing.T, at Running) (all []letter) {
	t.Helper()
	_, body := get(t, visitor(t), at.SSO+"/dev/outbox.json")
	if err := json.Unmarshal([]byte(body), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// until waits for a message in the outbox.
func until(t *testing.T, at Running, what string, is func(letter) bool) letter {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		for _, l := range outboxOf(t, at) {
			if is(l) {
				return l
			}
		}
	}
	t.Fatalf("%s: %+v", what, outboxOf(t, at))
	return letter{}
}

// A number's code is shown with what it costs, and its receipt goes the way of a gateway's: the page of the code says it.
func TestTheOutboxShowsTextMessagesWithTheirSizeAndPlaysReceipts(t *testing.T) {
	at := running(t, Options{})
	franca := at.Customers[2]
	c := visitor(t)
	c.CheckRedirect = nil
	w := &walker{t: t, http: c}
	w.open(at.Panel + "/login")
	w.send(w.url.Path+"/password", url.Values{"username": {franca.Username}, "password": {franca.Password}})
	if !strings.Contains(w.body, `data-step="otp"`) {
		t.Fatalf("no code is asked for\n%s", w.body)
	}
	got := until(t, at, "a code by SMS that arrived", func(l letter) bool { return l.Channel == "sms" && l.State == "delivered" })
	if got.To != franca.Phone || got.Code == "" || got.Alphabet != "GSM-7" || got.Segments != 1 || got.Price != 1 || got.Units > 160 || got.Units < 100 {
		t.Errorf("%+v", got)
	}
	w.open(w.url.String())
	if !strings.Contains(w.body, ": delivered at") {
		t.Errorf("the page does not say that it arrived:\n%s", w.body)
	}
	_, page := get(t, visitor(t), at.SSO+"/dev/outbox")
	for _, want := range []string{"1 segment, GSM-7, ", "of 160 septets", "1 unit<", `data-state="delivered"`, `data-code="` + got.Code + `"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the outbox page lacks %q", want)
		}
	}
}

func TestTheSwitchOfReceiptsTakesWhatItOffersOnly(t *testing.T) {
	at := running(t, Options{})
	w := &walker{t: t, http: visitor(t)}
	for _, c := range []struct{ sms, whatsapp, want string }{
		{"failed", "slow", "failed slow"}, {"nonsense", "delivered", "failed delivered"}, {"", "", "failed delivered"},
	} {
		w.open(at.SSO + "/dev/outbox")
		w.send("/dev/outbox", url.Values{"sms": {c.sms}, "whatsapp": {c.whatsapp}})
		w.open(at.SSO + "/dev/outbox")
		var chosen []string
		for part := range strings.SplitSeq(w.body, `<option value="`) {
			if name, rest, _ := strings.Cut(part, `"`); strings.HasPrefix(rest, " selected") {
				chosen = append(chosen, name)
			}
		}
		if got := strings.Join(chosen, " "); got != c.want {
			t.Errorf("%s, %s: %s, want %s", c.sms, c.whatsapp, got, c.want)
		}
	}
	if res, _ := get(t, visitor(t), at.Social+"/dev/outbox"); res.StatusCode != http.StatusNotFound {
		t.Errorf("the social provider has the page: %d", res.StatusCode)
	}
}
