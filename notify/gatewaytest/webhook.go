package gatewaytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Webhook is a program of the operator's: a gateway that hands our messages on, or a listener to our events. Both are met
// under Standard Webhooks.
//
// Documents: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks; its Go library and that library's tests.
// They say: POST of JSON with type, timestamp and data; the headers webhook-id, webhook-timestamp (seconds) and
// webhook-signature, a list by spaces of v1,<base64 of HMAC-SHA256 over id.timestamp.body>; the key is whsec_ and base64
// of 24 to 64 bytes; five minutes to either side; one right signature is enough; what is not known in the list is passed
// over; the same id means the same webhook, sent again. Any 2xx is a yes, whatever its body says; 410 = send no more.
//
// Ours, because the standard leaves it open, and fixed here before any driver: a message to send has type message.send and
// data {channel: "sms", to: "+39…", text: "…"}; every other type is an event. The gateway reports to our address by
// a webhook of its own under the same key, with type message.status and data {id: the webhook-id, status: sent, delivered
// or failed}. Members that are not known are passed over, in both directions.
//
// Not confirmed: nothing of the standard.
type Webhook struct {
	gateway
	Key string // whsec_…
}

// NewWebhook makes one with a key of its own.
func NewWebhook() *Webhook {
	w := &Webhook{Key: "whsec_c29nbGlhLWZha2UtZ2F0ZXdheS1rZXktMzItYnl0ZXM="}
	w.gateway = gateway{
		driver: "webhook", page: "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
		answer: w.serve, fail: w.refuse,
	}
	return w
}

type webhookBody struct {
	Type      string          `json:"type"`
	Timestamp string          `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

type webhookMessage struct {
	Channel string `json:"channel"`
	To      string `json:"to"`
	Text    string `json:"text"`
}

var webhookType = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$`)

func (w *Webhook) serve(c *call) {
	bad := func(status int, format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		c.wrong("%s", text)
		c.say(status, map[string]string{"error": text})
	}
	if err := rightWebhook(w.Key, c.r.Header, c.body, time.Now()); err != nil {
		bad(http.StatusUnauthorized, "%v", err)
		return
	}
	var body webhookBody
	err := json.Unmarshal(c.body, &body)
	_, when := time.Parse(time.RFC3339, body.Timestamp)
	switch {
	case c.r.Method != http.MethodPost:
		bad(http.StatusMethodNotAllowed, "method %s", c.r.Method)
	case !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json"):
		bad(http.StatusUnsupportedMediaType, "content type %q", c.r.Header.Get("Content-Type"))
	case err != nil:
		bad(http.StatusBadRequest, "body: %v", err)
	case !webhookType.MatchString(body.Type):
		bad(http.StatusBadRequest, "type %q", body.Type)
	case when != nil:
		bad(http.StatusBadRequest, "timestamp %q", body.Timestamp)
	case len(body.Data) == 0 || body.Data[0] != '{':
		bad(http.StatusBadRequest, "data is no object")
	default:
		w.keep(c, body, bad)
	}
}

// keep takes what came, once for each id.
func (w *Webhook) keep(c *call, body webhookBody, bad func(int, string, ...any)) {
	id := c.r.Header.Get("webhook-id")
	m := Message{ID: id, Reference: id, Event: body.Type}
	if body.Type == "message.send" {
		var one webhookMessage
		switch err := json.Unmarshal(body.Data, &one); {
		case err != nil:
			bad(http.StatusBadRequest, "data: %v", err)
			return
		case one.Channel != "sms":
			bad(http.StatusBadRequest, "channel %q", one.Channel)
			return
		case !e164.MatchString(one.To):
			bad(http.StatusBadRequest, "to %q", one.To)
			return
		case one.Text == "":
			bad(http.StatusBadRequest, "no text")
			return
		}
		m.Event, m.To, m.Text = "", one.To, one.Text
		m.Segments, _ = segments(one.Text)
	}
	first := c.takeUnless(m, func(before Message) bool { return before.ID == id })
	if first.To != m.To || first.Text != m.Text || first.Event != m.Event {
		c.wrong("webhook-id %s came before with something else in it", id)
	}
	c.say(http.StatusOK, struct{}{})
}

func (w *Webhook) refuse(c *call, mode Mode) {
	switch mode {
	case Unauthorized:
		c.say(http.StatusUnauthorized, map[string]string{"error": "no signature is right"})
	case Refused:
		c.say(http.StatusBadRequest, map[string]string{"error": "to"})
	case Busy:
		c.say(http.StatusTooManyRequests, map[string]string{"error": "too many requests"})
	case Broken:
		c.say(http.StatusInternalServerError, map[string]string{"error": "something went wrong"})
	case ErrorInside: // taken: by the standard the body of a 2xx means nothing
		if w.serve(c); c.status < 300 {
			c.say(http.StatusOK, map[string]string{"error": "something went wrong"})
		}
	}
}

// webhookStatus are our words.
var webhookStatus = map[Status]string{Sent: "sent", Delivered: "delivered", Read: "delivered", Failed: "failed"}

// Report is a webhook with the message's status.
func (w *Webhook) Report(to string, of Message, s Status, flaw ...Flaw) Receipt {
	f := flaws(flaw)
	if f.has(Foreign) {
		of.ID = "msg_" + randomHex(12)
	}
	body := func(s Status) []byte {
		return toJSON(webhookBody{
			"message.status", f.now().UTC().Format(time.RFC3339), toJSON(map[string]string{"id": of.ID, "status": webhookStatus[s]}),
		})
	}
	key := w.Key
	if f.has(Forged) {
		key = webhookPrefix + base64.StdEncoding.EncodeToString([]byte(f.key("")))
	}
	signed, id, at := body(s), "msg_"+randomHex(12), f.now().Unix()
	h := http.Header{"Content-Type": {"application/json"}}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", strconv.FormatInt(at, 10))
	if !f.has(Unsigned) {
		signature, err := webhookSignature(key, id, at, signed)
		if err != nil {
			panic(err) // it is our own key
		}
		h.Set("webhook-signature", signature)
	}
	if f.has(Altered) {
		signed = body(s.other())
	}
	return Receipt{http.MethodPost, to, h, signed}
}

// Flaws are all of them.
func (w *Webhook) Flaws() []Flaw { return []Flaw{Forged, Unsigned, Altered, Stale, Foreign} }

const (
	webhookPrefix    = "whsec_"
	webhookTolerance = 5 * time.Minute
)

// webhookSignature is one entry of webhook-signature.
func webhookSignature(key, id string, at int64, body []byte) (string, error) {
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, webhookPrefix))
	if err != nil {
		return "", fmt.Errorf("the key is not base64: %w", err)
	}
	if len(secret) < 24 || len(secret) > 64 {
		return "", fmt.Errorf("the key has %d bytes, not 24 to 64", len(secret))
	}
	h := hmac.New(sha256.New, secret)
	fmt.Fprintf(h, "%s.%d.%s", id, at, body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil)), nil
}

// rightWebhook is the standard's check of a request.
func rightWebhook(key string, header http.Header, body []byte, now time.Time) error {
	id, stamp, list := header.Get("webhook-id"), header.Get("webhook-timestamp"), header.Get("webhook-signature")
	if id == "" || stamp == "" || list == "" {
		return errors.New("webhook-id, webhook-timestamp or webhook-signature is missing")
	}
	if strings.Contains(id, ".") { // the signed text is taken apart at dots
		return fmt.Errorf("webhook-id %q", id)
	}
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("webhook-timestamp %q", stamp)
	}
	if age := now.Sub(time.Unix(at, 0)); age > webhookTolerance || age < -webhookTolerance {
		return fmt.Errorf("webhook-timestamp is %v old", age)
	}
	want, err := webhookSignature(key, id, at, body)
	if err != nil {
		return err
	}
	for one := range strings.SplitSeq(list, " ") {
		if hmac.Equal([]byte(one), []byte(want)) {
			return nil
		}
	}
	return errors.New("no signature is right")
}
