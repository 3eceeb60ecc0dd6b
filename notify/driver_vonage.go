package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/outbound"
)

// vonage is Vonage's Messages API. It knows no idempotency key: a message whose fate is open is sent once more at most, and
// that may be one duplicate.
type vonage struct {
	*vonageSettings
	out      *outbound.Client
	callback string // where receipts go; "" = where the account says
}

func init() { kinds["vonage"] = driver(openVonage, "sms") }

// vonageSettings are those of an account at Vonage.
type vonageSettings struct {
	// API key.
	Account config.Secret `yaml:"account" required:"yes"`
	// API secret.
	Token config.Secret `yaml:"token" required:"yes"`
	// Sender shown on the phone: a number or a name.
	Sender string `yaml:"sender" required:"yes"`
	// Signature secret, with which receipts are signed. None = no receipts.
	SignatureSecret config.Secret `yaml:"signature_secret"`
}

// Check looks at what Vonage would refuse.
func (s *vonageSettings) Check(report, _ config.Report) {
	checkSender(s.Sender, report)
}

func openVonage(s *vonageSettings, r Reach) (Driver, error) {
	v := &vonage{s, r.Out, ""}
	if s.SignatureSecret != "" {
		v.callback = r.Hook
	}
	return v, nil
}

// The bounds of a message's time to live at Vonage.
const (
	shortestVonage = 20 * time.Second
	longestVonage  = 7 * 24 * time.Hour
)

var vonageError = regexp.MustCompile(`#([a-z0-9-]{1,40})$`)

// Send hands one message over.
func (v *vonage) Send(ctx context.Context, d Delivery) (Taken, error) {
	message := map[string]any{
		"message_type": "text", "channel": "sms", "to": strings.TrimPrefix(d.To, "+"), "from": strings.TrimPrefix(v.Sender, "+"),
		"text": d.Text, "client_ref": d.ID,
	}
	if d.Lasts > 0 {
		message["ttl"] = int(min(max(d.Lasts, shortestVonage), longestVonage) / time.Second)
	}
	if v.callback != "" {
		message["webhook_url"], message["webhook_version"] = v.callback, "v1"
	}
	body, err := json.Marshal(message)
	if err != nil {
		return Taken{}, err
	}
	a, err := ask(ctx, v.out, outbound.Request{
		URL: "https://api.nexmo.com/v1/messages", Body: body,
		Header: map[string]string{"Content-Type": "application/json", "Authorization": basic(string(v.Account), string(v.Token))},
	})
	if err != nil {
		return Taken{}, err
	}
	var said struct {
		UUID string `json:"message_uuid"`
		Type string `json:"type"` // of an error: an address that ends in its number or name
	}
	if a.Status >= 300 {
		_ = json.Unmarshal(a.Body, &said)
		return Taken{}, judge(a.Status, vonageReason(said.Type))
	}
	if err := read(a, &said); err != nil {
		return Taken{}, err
	}
	switch {
	case said.Type != "":
		return Taken{}, &NotNow{Cause: insideError(a, vonageReason(said.Type))}
	case said.UUID == "":
		return Taken{}, incomplete(a)
	}
	return Taken{ID: said.UUID}, nil
}

func vonageReason(kind string) string {
	if m := vonageError.FindStringSubmatch(kind); m != nil {
		return "code " + m[1]
	}
	return ""
}

// vonageStates are Vonage's words.
var vonageStates = map[string]string{
	"submitted": ReceiptSent, "delivered": ReceiptDelivered, "read": ReceiptRead, "rejected": ReceiptFailed, "undeliverable": ReceiptFailed,
}

// oldestVonage is how old a receipt's signature may be; they are signed anew when they are sent again.
const oldestVonage = 10 * time.Minute

func (v *vonage) hook() (string, bool) { return "", v.SignatureSecret != "" }

// receipts carry a token, HS256, that has the hash of the body.
func (v *vonage) receipts(c Call) ([]Receipt, error) {
	token, bearer := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	claims, right := vonageToken(string(v.SignatureSecret), token)
	sum := sha256.Sum256(c.Body)
	age := c.At.Sub(time.Unix(claims.IssuedAt, 0))
	if !bearer || !right || !equal(hex.EncodeToString(sum[:]), strings.ToLower(claims.PayloadHash)) || age > oldestVonage || age < -oldestVonage {
		return nil, ErrForged
	}
	var said struct {
		UUID   string `json:"message_uuid"`
		Status string `json:"status"`
	}
	if err := json.Unmarshal(c.Body, &said); err != nil {
		return nil, err
	}
	return one(said.UUID, said.Status, vonageStates), nil
}

type vonageClaims struct {
	IssuedAt    int64  `json:"iat"`
	PayloadHash string `json:"payload_hash"`
}

// vonageToken opens a token and says whether it was signed with the secret. Its head is not asked which way: there is one.
func vonageToken(secret, token string) (c vonageClaims, right bool) {
	part := strings.Split(token, ".")
	if secret == "" || len(part) != 3 {
		return c, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(part[2])
	if err != nil {
		return c, false
	}
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(part[0] + "." + part[1]))
	if !hmac.Equal(h.Sum(nil), signature) {
		return c, false
	}
	text, err := base64.RawURLEncoding.DecodeString(part[1])
	return c, err == nil && json.Unmarshal(text, &c) == nil
}
