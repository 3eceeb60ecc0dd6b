package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
)

// webhook is a program of the operator's, for any other gateway: Standard Webhooks, with our message.send. It knows a
// message that comes twice by webhook-id, so one whose fate is open is tried like any other.
type webhook struct {
	at  string
	key []byte
	out *outbound.Client
}

func init() { kinds["webhook"] = driver(openWebhook, "sms") }

// webhookSettings are those of a program that takes messages.
type webhookSettings struct {
	// Address of the program. It may be in a private network.
	BaseURL string `yaml:"base_url" required:"yes"`
	// Key of the signature, whsec_…
	Token config.Secret `yaml:"token" required:"yes"`
}

// Check looks at address and key.
func (s *webhookSettings) Check(report, _ config.Report) {
	checkAddress("base_url", s.BaseURL, report)
	if _, err := secret.WebhookKey(string(s.Token)); s.Token != "" && err != nil {
		report("token", "token %s", err)
	}
}

func openWebhook(s *webhookSettings, r Reach) (Driver, error) {
	key, err := secret.WebhookKey(string(s.Token))
	if err != nil {
		return nil, fmt.Errorf("token %w", err)
	}
	return &webhook{s.BaseURL, key, r.Out.Private()}, nil
}

// Send makes one webhook of the message. Any 2xx is a yes, whatever its body says.
func (w *webhook) Send(ctx context.Context, d Delivery) (Taken, error) {
	id, err := w.tell(ctx, d, "message.send", map[string]string{"channel": d.Channel, "to": d.To, "text": d.Text})
	if errors.Is(err, ErrUnsure) {
		return Taken{}, errors.New(err.Error()) // it will be known again
	}
	return Taken{ID: id}, err
}

// tell makes one webhook of a delivery, whose id and time are the same at every try.
func (w *webhook) tell(ctx context.Context, d Delivery, kind string, data any) (id string, err error) {
	body, err := json.Marshal(struct {
		Type      string `json:"type"`
		Timestamp string `json:"timestamp"`
		Data      any    `json:"data"`
	}{kind, d.Created.UTC().Format(time.RFC3339), data})
	if err != nil {
		return "", err
	}
	id, now := "msg_"+d.ID, strconv.FormatInt(time.Now().Unix(), 10)
	a, err := ask(ctx, w.out, outbound.Request{URL: w.at, Body: body, Header: map[string]string{
		"Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": now,
		"webhook-signature": standardSignature(w.key, id, now, body),
	}})
	if err == nil && a.Status >= 300 {
		err = judge(a.Status, "")
	}
	if err != nil {
		return "", err
	}
	return id, nil
}

func standardSignature(key []byte, id, at string, body []byte) string {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%s.%s.%s", id, at, body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// standardTolerance is how far the clock of a webhook may be away.
const standardTolerance = 5 * time.Minute

// webhookStates are ours.
var webhookStates = map[string]string{"sent": ReceiptSent, "delivered": ReceiptDelivered, "failed": ReceiptFailed}

func (w *webhook) hook() (string, bool) { return "", true }

// receipts are a webhook of the program's, under the same key.
func (w *webhook) receipts(c Call) ([]Receipt, error) {
	if !w.genuine(c) {
		return nil, ErrForged
	}
	var said struct {
		Type string `json:"type"`
		Data struct {
			ID     string `json:"id"`
			Status string `json:"status"`
		} `json:"data"`
	}
	if err := json.Unmarshal(c.Body, &said); err != nil {
		return nil, err
	}
	if said.Type != "message.status" {
		return nil, nil
	}
	return one(said.Data.ID, said.Data.Status, webhookStates), nil
}

// genuine is the standard's check.
func (w *webhook) genuine(c Call) bool {
	id, stamp := c.Header.Get("webhook-id"), c.Header.Get("webhook-timestamp")
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || id == "" || strings.Contains(id, ".") { // the signed text is put together with dots
		return false
	}
	if age := c.At.Sub(time.Unix(at, 0)); age > standardTolerance || age < -standardTolerance {
		return false
	}
	want, right := standardSignature(w.key, id, stamp, c.Body), false
	for one := range strings.SplitSeq(c.Header.Get("webhook-signature"), " ") {
		right = equal(want, one) || right
	}
	return right
}
