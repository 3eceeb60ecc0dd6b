package gatewaytest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Handshake proves an address for receipts, as Meta does when the operator enters it: it must answer 200 and the challenge,
// and nothing else to whoever says a wrong token.
func (m *MetaCloud) Handshake(ctx context.Context, c *http.Client, to string) error {
	challenge := strconv.FormatInt(time.Now().UnixNano()%1e10, 10)
	for _, try := range []struct {
		token string
		right bool
	}{{m.VerifyToken, true}, {m.VerifyToken + "x", false}, {"", false}} {
		q := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {challenge}, "hub.verify_token": {try.token}}
		status, text, err := Receipt{Method: http.MethodGet, URL: to + "?" + q.Encode(), Header: http.Header{}}.ask(ctx, c)
		switch echoed := status == http.StatusOK && string(text) == challenge; {
		case err != nil:
			return err
		case try.right && !echoed:
			return fmt.Errorf("the handshake was answered by %d", status)
		case !try.right && (status == http.StatusOK || strings.Contains(string(text), challenge)):
			return errors.New("a wrong verify token was accepted")
		}
	}
	return nil
}

// metaStatus are Meta's words.
var metaStatus = map[Status]string{Sent: "sent", Delivered: "delivered", Read: "read", Failed: "failed"}

// Report is a status of the webhook "messages".
func (m *MetaCloud) Report(to string, of Message, s Status, flaw ...Flaw) Receipt {
	f := flaws(flaw)
	if f.has(Foreign) {
		of.ID, of.Reference = "wamid."+strings.ToUpper(randomHex(24)), ""
	}
	return m.receipt(to, s, f, of)
}

// Batch reports on several messages in one request, as Meta may at any time.
func (m *MetaCloud) Batch(to string, s Status, of ...Message) Receipt {
	return m.receipt(to, s, nil, of...)
}

func (m *MetaCloud) receipt(to string, s Status, f flaws, of ...Message) Receipt {
	signed := m.body(s, of)
	h := http.Header{"Content-Type": {"application/json"}}
	if !f.has(Unsigned) {
		h.Set("X-Hub-Signature-256", hubSignature(f.key(m.AppSecret), signed))
	}
	if f.has(Altered) {
		signed = m.body(s.other(), of)
	}
	return Receipt{http.MethodPost, to, h, signed}
}

// body has two messages in each entry: both lists can be longer than one.
func (m *MetaCloud) body(s Status, of []Message) []byte {
	var entries []map[string]any
	for two := range slices.Chunk(of, 2) {
		var statuses []map[string]any
		for _, one := range two {
			statuses = append(statuses, metaReport(one, s))
		}
		entries = append(entries, map[string]any{"id": m.Account, "changes": []map[string]any{{
			"field": "messages",
			"value": map[string]any{
				"messaging_product": "whatsapp",
				"metadata":          map[string]string{"display_phone_number": m.DisplayNumber, "phone_number_id": m.PhoneNumberID},
				"statuses":          statuses,
			},
		}}})
	}
	return escape(toJSON(map[string]any{"object": "whatsapp_business_account", "entry": entries}))
}

func metaReport(of Message, s Status) map[string]any {
	one := map[string]any{
		"id": of.ID, "status": metaStatus[s], "timestamp": strconv.FormatInt(time.Now().Unix(), 10),
		"recipient_id": strings.TrimPrefix(of.To, "+"),
	}
	if of.Reference != "" {
		one["biz_opaque_callback_data"] = of.Reference
	}
	switch s {
	case Sent, Delivered:
		one["pricing"] = map[string]any{"billable": true, "pricing_model": "PMP", "type": "regular", "category": "authentication"}
	case Failed:
		one["errors"] = []map[string]any{{
			"code": 131026, "title": "Message undeliverable", "message": "Message undeliverable",
			"error_data": map[string]string{"details": "Unable to deliver message. Così è."}, // not ASCII: see escape
			"href":       "/documentation/business-messaging/whatsapp/support/error-codes",
		}}
	}
	return one
}

// Flaws are all but age: no time is signed.
func (m *MetaCloud) Flaws() []Flaw { return []Flaw{Forged, Unsigned, Altered, Foreign} }

// hubSignature is the content of X-Hub-Signature-256.
func hubSignature(secret string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(body)
	return "sha256=" + hex.EncodeToString(h.Sum(nil))
}

// escape writes JSON in ASCII, as Meta does: whoever decodes and encodes it again signs something else.
func escape(b []byte) []byte {
	var out strings.Builder
	for _, r := range string(b) {
		switch {
		case r == '/':
			out.WriteString(`\/`)
		case r < 0x80:
			out.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return []byte(out.String())
}
