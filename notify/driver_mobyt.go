package notify

import (
	"context"
	"encoding/json"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/gsm7"
	"github.com/soglia-sso/soglia/outbound"
)

// mobyt is the gateway of Skebby, Aruba SMS, Mobyt, Trendoo and smSend.
//
// Our message id goes along as order_id. What a second order with the same one does is not documented, so a message whose
// fate is open is sent once more at most: that may be one duplicate.
type mobyt struct {
	*mobytSettings
	out *outbound.Client
}

func init() { kinds["mobyt"] = driver(openMobyt, "sms") }

// mobytSettings are those of a gateway of this family.
type mobytSettings struct {
	// Address of the gateway, as https://api.skebby.it; docs/gateways.md has the others.
	BaseURL string `yaml:"base_url" required:"yes"`
	// Key of the account.
	UserKey config.Secret `yaml:"user_key" required:"yes"`
	// Token of the account, one that lasts.
	AccessToken config.Secret `yaml:"access_token" required:"yes"`
	// Kind of message, in the gateway's own word: GP or N, where the sender is a name.
	MessageType string `yaml:"message_type" required:"yes"`
	// Sender shown on the phone: a registered name, or a number. None = the gateway's choice.
	Sender string `yaml:"sender"`
	// Last part of the address for receipts, which are not signed. None = no receipts.
	ReceiptSecret config.Secret `yaml:"receipt_secret"`
}

var mobytKind = regexp.MustCompile(`^[A-Z]{1,4}$`)

// Check looks at what the gateway would refuse.
func (s *mobytSettings) Check(report, _ config.Report) {
	checkAddress("base_url", s.BaseURL, report)
	checkSender(s.Sender, report)
	if s.MessageType != "" && !mobytKind.MatchString(s.MessageType) {
		report("message_type", "message_type must be the gateway's word of one to four capitals, such as GP or N")
	}
	checkSegment("receipt_secret", string(s.ReceiptSecret), report)
}

func openMobyt(s *mobytSettings, r Reach) (Driver, error) { return &mobyt{s, r.Out}, nil }

// Send orders one message.
func (m *mobyt) Send(ctx context.Context, d Delivery) (Taken, error) {
	order := struct {
		MessageType string   `json:"message_type"`
		Message     string   `json:"message"`
		Recipient   []string `json:"recipient"`
		Sender      string   `json:"sender,omitempty"`
		OrderID     string   `json:"order_id"`
		Encoding    string   `json:"encoding,omitempty"`
	}{m.MessageType, d.Text, []string{d.To}, m.Sender, d.ID, ""}
	if _, ok := gsm7.Septets(d.Text); !ok {
		order.Encoding = "ucs2"
	}
	body, err := json.Marshal(order)
	if err != nil {
		return Taken{}, err
	}
	a, err := ask(ctx, m.out, outbound.Request{
		URL: strings.TrimSuffix(m.BaseURL, "/") + "/API/v1.0/REST/sms", Body: body,
		Header: map[string]string{"Content-Type": "application/json", "user_key": string(m.UserKey), "Access_token": string(m.AccessToken)},
	})
	if err != nil {
		return Taken{}, err
	}
	var said struct {
		Result  string `json:"result"`
		OrderID string `json:"order_id"`
	}
	if a.Status >= 300 {
		_ = json.Unmarshal(a.Body, &said) // what stands in a refusal is not documented
		return Taken{}, judge(a.Status, words(said.Result))
	}
	if err := read(a, &said); err != nil {
		return Taken{}, err
	}
	if said.Result != "OK" {
		return Taken{}, &NotNow{Cause: insideError(a, words(said.Result))}
	}
	if said.OrderID == "" {
		said.OrderID = d.ID
	}
	return Taken{ID: said.OrderID}, nil
}

// mobytStates are the documented words.
var mobytStates = map[string]string{
	"SENT": ReceiptSent, "WAIT4DLVR": ReceiptSent, "DLVRD": ReceiptDelivered,
	"ERROR": ReceiptFailed, "TIMEOUT": ReceiptFailed, "TOOM4NUM": ReceiptFailed, "TOOM4USER": ReceiptFailed, "UNKNRCPT": ReceiptFailed,
	"UNKNPFX": ReceiptFailed, "INVALIDDST": ReceiptFailed, "BLACKLISTED": ReceiptFailed, "KO": ReceiptFailed, "INVALIDCONTENTS": ReceiptFailed,
}

func (m *mobyt) hook() (string, bool) { return "/{secret}", m.ReceiptSecret != "" }

// receipts come unsigned, by GET or POST: who knows the address is believed.
func (m *mobyt) receipts(c Call) ([]Receipt, error) {
	at, err := url.Parse(c.URL)
	if err != nil || !equal(string(m.ReceiptSecret), path.Base(at.Path)) {
		return nil, ErrForged
	}
	form := c.form()
	return one(form.Get("order_id"), form.Get("status"), mobytStates), nil
}
