package gatewaytest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// twilioStatus are Twilio's words. It has read for WhatsApp and RCS only.
var twilioStatus = map[Status]string{Sent: "sent", Delivered: "delivered", Read: "delivered", Failed: "undelivered"}

// Report is a status callback.
func (t *Twilio) Report(to string, of Message, s Status, flaw ...Flaw) Receipt {
	f := flaws(flaw)
	if f.has(Foreign) {
		of.ID = "SM" + randomHex(16)
	}
	form := func(s Status) url.Values {
		v := url.Values{
			"AccountSid": {t.Account}, "ApiVersion": {"2010-04-01"}, "From": {of.From}, "To": {of.To}, "MessageSid": {of.ID},
			"SmsSid": {of.ID}, "MessageStatus": {twilioStatus[s]}, "SmsStatus": {twilioStatus[s]},
		}
		if s != Sent {
			v.Set("RawDlrDoneDate", time.Now().UTC().Format("0601021504"))
		}
		if s == Failed {
			v.Set("ErrorCode", "30003")
		}
		return v
	}
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=UTF-8"}}
	if !f.has(Unsigned) {
		h.Set("X-Twilio-Signature", twilioSignature(f.key(t.Token), to, form(s)))
	}
	if f.has(Altered) {
		s = s.other()
	}
	return Receipt{http.MethodPost, to, h, []byte(form(s).Encode())}
}

// Flaws are all but age: no time is signed.
func (t *Twilio) Flaws() []Flaw { return []Flaw{Forged, Unsigned, Altered, Foreign} }

// twilioSignature is the content of X-Twilio-Signature. Several values of one name count once each, sorted (this is what
// Twilio's own libraries do).
func twilioSignature(token, address string, form url.Values) string {
	h := hmac.New(sha1.New, []byte(token))
	h.Write([]byte(address))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			h.Write([]byte(name + v))
		}
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
