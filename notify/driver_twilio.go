package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/outbound"
)

// twilio is Twilio's Messages resource. It knows no idempotency key: a message whose fate is open is sent once more at
// most, and that may be one duplicate.
type twilio struct {
	*twilioSettings
	out      *outbound.Client
	callback string // where receipts go; "" = nowhere
}

func init() { kinds["twilio"] = driver(openTwilio, "sms") }

// twilioSettings are those of an account at Twilio.
type twilioSettings struct {
	// Account SID.
	Account config.Secret `yaml:"account" required:"yes"`
	// Auth token, which signs receipts too.
	Token config.Secret `yaml:"token" required:"yes"`
	// Sender shown on the phone: a number of the account, or a name.
	Sender string `yaml:"sender" required:"yes"`
}

var twilioAccount = regexp.MustCompile(`^AC[0-9a-f]{32}$`)

// Check looks at what Twilio would refuse.
func (s *twilioSettings) Check(report, _ config.Report) {
	if s.Account != "" && !twilioAccount.MatchString(string(s.Account)) {
		report("account", "account must be the Account SID: AC and 32 hexadecimal digits")
	}
	checkSender(s.Sender, report)
}

func openTwilio(s *twilioSettings, r Reach) (Driver, error) { return &twilio{s, r.Out, r.Hook}, nil }

// longestTwilio is the longest validity that all states of Twilio's documents allow.
const longestTwilio = 4 * time.Hour

// Send creates a message.
func (t *twilio) Send(ctx context.Context, d Delivery) (Taken, error) {
	form := url.Values{"To": {d.To}, "From": {t.Sender}, "Body": {d.Text}}
	if d.Lasts > 0 {
		form.Set("ValidityPeriod", seconds(d.Lasts, time.Second, longestTwilio))
	}
	if t.callback != "" {
		form.Set("StatusCallback", t.callback)
	}
	a, err := ask(ctx, t.out, outbound.Request{
		URL:  "https://api.twilio.com/2010-04-01/Accounts/" + string(t.Account) + "/Messages.json",
		Body: []byte(form.Encode()),
		Header: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Authorization": basic(string(t.Account), string(t.Token)),
		},
	})
	if err != nil {
		return Taken{}, err
	}
	var said struct {
		Sid       string `json:"sid"`
		Status    string `json:"status"`
		ErrorCode *int   `json:"error_code"`
		Code      int    `json:"code"` // of a refusal; its message would name the number
	}
	if a.Status >= 300 {
		_ = json.Unmarshal(a.Body, &said)
		return Taken{}, judge(a.Status, number(said.Code))
	}
	if err := read(a, &said); err != nil {
		return Taken{}, err
	}
	switch {
	case said.ErrorCode != nil && *said.ErrorCode != 0:
		return Taken{}, &NotNow{Cause: insideError(a, number(*said.ErrorCode))}
	case said.Status == "failed", said.Status == "undelivered", said.Status == "canceled":
		return Taken{}, &NotNow{Cause: insideError(a, said.Status)}
	case said.Sid == "":
		return Taken{}, incomplete(a)
	}
	return Taken{ID: said.Sid}, nil
}

// twilioStates are Twilio's words, without those of its own queue.
var twilioStates = map[string]string{
	"sent": ReceiptSent, "delivered": ReceiptDelivered, "read": ReceiptRead, "failed": ReceiptFailed, "undelivered": ReceiptFailed,
}

func (t *twilio) hook() (string, bool) { return "", true }

// receipts are signed with the token: HMAC-SHA1 of the address and the sorted form.
func (t *twilio) receipts(c Call) ([]Receipt, error) {
	form, err := url.ParseQuery(string(c.Body))
	if err != nil {
		return nil, ErrForged
	}
	h := hmac.New(sha1.New, []byte(t.Token))
	h.Write([]byte(c.URL))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			h.Write([]byte(name + v))
		}
	}
	if !equal(base64.StdEncoding.EncodeToString(h.Sum(nil)), c.Header.Get("X-Twilio-Signature")) {
		return nil, ErrForged
	}
	return one(form.Get("MessageSid"), form.Get("MessageStatus"), twilioStates), nil
}

// number is a gateway's code for an error; "" = none.
func number(code int) string {
	if code == 0 {
		return ""
	}
	return fmt.Sprintf("code %d", code)
}

// seconds is a time as gateways want it, within what they allow.
func seconds(d, least, most time.Duration) string {
	return strconv.Itoa(int(min(max(d, least), most) / time.Second))
}
