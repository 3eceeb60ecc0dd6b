package gatewaytest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// vonageStatus are Vonage's words. It has read for other channels only, and undeliverable for its own troubles.
var vonageStatus = map[Status]string{Sent: "submitted", Delivered: "delivered", Read: "delivered", Failed: "rejected"}

type vonageCallback struct {
	UUID        string            `json:"message_uuid"`
	To          string            `json:"to"`
	From        string            `json:"from"`
	Timestamp   string            `json:"timestamp"`
	Status      string            `json:"status"`
	Error       *vonageProblem    `json:"error,omitempty"`
	Usage       map[string]string `json:"usage,omitempty"`
	ClientRef   string            `json:"client_ref,omitempty"`
	Channel     string            `json:"channel"`
	Destination map[string]string `json:"destination"`
	SMS         map[string]string `json:"sms,omitempty"`
}

// Report is a message status callback.
func (v *Vonage) Report(to string, of Message, s Status, flaw ...Flaw) Receipt {
	f := flaws(flaw)
	if f.has(Foreign) {
		of.ID, of.Reference = uuid(), ""
	}
	body := func(s Status) []byte {
		b := vonageCallback{
			UUID: of.ID, To: strings.TrimPrefix(of.To, "+"), From: of.From, Timestamp: time.Now().UTC().Format(time.RFC3339),
			Status: vonageStatus[s], ClientRef: of.Reference, Channel: "sms", Destination: map[string]string{"network_code": "22201"},
		}
		switch s {
		case Sent:
			b.Usage = map[string]string{"currency": "EUR", "price": "0.0333"}
			b.SMS = map[string]string{"count_total": strconv.Itoa(max(of.Segments, 1))}
		case Failed:
			b.Error = &vonageProblem{
				Type: "https://developer.vonage.com/api-errors/messages#1260", Title: "1260",
				Detail: "Destination unreachable", Instance: randomHex(16),
			}
		}
		return toJSON(b)
	}
	signed := body(s)
	h := http.Header{"Content-Type": {"application/json"}}
	if !f.has(Unsigned) {
		sum := sha256.Sum256(signed)
		h.Set("Authorization", "Bearer "+signHS256(f.key(v.SignatureSecret), claims{
			IssuedAt: f.now().Unix(), ID: uuid(), Issuer: "Vonage", PayloadHash: hex.EncodeToString(sum[:]), APIKey: v.Key,
			Application: v.Application,
		}))
	}
	if f.has(Altered) {
		signed = body(s.other())
	}
	return Receipt{http.MethodPost, to, h, signed}
}

// Flaws are all of them.
func (v *Vonage) Flaws() []Flaw { return []Flaw{Forged, Unsigned, Altered, Stale, Foreign} }
