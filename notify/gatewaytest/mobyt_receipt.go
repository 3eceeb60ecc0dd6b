package gatewaytest

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// mobytStatus are the documented words: of failures, one of twelve.
var mobytStatus = map[Status]string{Sent: "SENT", Delivered: "DLVRD", Read: "DLVRD", Failed: "ERROR"}

// Report calls the address with the order's state as parameters. Nothing is signed, so a forged one goes to an address
// whose last segment was guessed.
func (m *Mobyt) Report(to string, of Message, s Status, flaw ...Flaw) Receipt {
	f := flaws(flaw)
	if f.has(Foreign) {
		of.ID = uuid()
	}
	if f.has(Forged) {
		to = guessed(to)
	}
	q := url.Values{
		"order_id": {of.ID}, "status": {mobytStatus[s]}, "recipient": {of.To}, "delivery_date": {time.Now().UTC().Format("20060102150405")},
	}
	if m.Post {
		return Receipt{http.MethodPost, to, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(q.Encode())}
	}
	join := "?"
	if strings.Contains(to, "?") {
		join = "&"
	}
	return Receipt{http.MethodGet, to + join + q.Encode(), http.Header{}, nil}
}

// Flaws are two: there is no signature to be missing, wrong or old.
func (m *Mobyt) Flaws() []Flaw { return []Flaw{Forged, Foreign} }
