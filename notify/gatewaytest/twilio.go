package gatewaytest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Twilio is Twilio's Messages resource, of the API of 2010-04-01.
//
// Documents: www.twilio.com/docs/messaging/api/message-resource, …/docs/usage/twilios-response, …/docs/api/errors,
// …/docs/messaging/guides/track-outbound-message-status, …/docs/usage/webhooks/webhooks-security. They say: a form to
// /2010-04-01/Accounts/{sid}/Messages.json under Basic authentication; To, From or MessagingServiceSid, Body of at most
// 1,600 characters; 201 with the resource, whose status is queued; errors as code, message, more_info and status. Receipts
// are forms to StatusCallback, whose host has no underscore, in any order, with members that may grow; the signature is
// HMAC-SHA1 under the auth token of the address and all members sorted, in base64. A 429 (20429) was never processed.
// There is no idempotency key.
//
// Not confirmed: Retry-After on a 429 of this API; the code for a JSON body (here: as if no member had come); that
// a message can be born with status failed (here: the error inside).
type Twilio struct {
	gateway
	Account, Token string
	Senders        []string // numbers of the account and registered names
}

// NewTwilio makes one with an account of its own and the senders EXAMPLE and +390000000001.
func NewTwilio() *Twilio {
	t := &Twilio{
		Account: "AC0123456789abcdef0123456789abcdef", Token: "11112222333344445555666677778888",
		Senders: []string{"EXAMPLE", "+390000000001"},
	}
	t.gateway = gateway{
		driver: "twilio", page: "https://www.twilio.com/docs/messaging/api/message-resource",
		hosts:  []string{"api.twilio.com", "api.dublin.ie1.twilio.com"}, // the second keeps to Ireland
		answer: t.serve, fail: t.refuse,
	}
	return t
}

type twilioFault struct {
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
}

func (t *Twilio) fault(c *call, status, code int, message string) {
	c.say(status, twilioFault{code, message, fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), status})
}

// twilioMessage is the resource: all members are there, numbers of segments and media are texts.
type twilioMessage struct {
	AccountSid          string            `json:"account_sid"`
	APIVersion          string            `json:"api_version"`
	Body                string            `json:"body"`
	DateCreated         string            `json:"date_created"`
	DateSent            *string           `json:"date_sent"`
	DateUpdated         string            `json:"date_updated"`
	Direction           string            `json:"direction"`
	ErrorCode           *int              `json:"error_code"`
	ErrorMessage        *string           `json:"error_message"`
	From                *string           `json:"from"`
	MessagingServiceSid *string           `json:"messaging_service_sid"`
	NumMedia            string            `json:"num_media"`
	NumSegments         string            `json:"num_segments"`
	Price               *string           `json:"price"`
	PriceUnit           string            `json:"price_unit"`
	Sid                 string            `json:"sid"`
	Status              string            `json:"status"`
	SubresourceURIs     map[string]string `json:"subresource_uris"`
	To                  string            `json:"to"`
	URI                 string            `json:"uri"`
}

func (t *Twilio) serve(c *call) {
	account := "/2010-04-01/Accounts/" + t.Account
	user, password, _ := c.r.BasicAuth()
	switch route := c.r.Method + " " + c.r.URL.Path; {
	case user != t.Account || password != t.Token:
		c.wrong("wrong account or token")
		c.header.Set("WWW-Authenticate", `Basic realm="Twilio API"`)
		t.fault(c, http.StatusUnauthorized, 20003, "Authenticate")
	case route == "GET "+account+".json":
		c.say(http.StatusOK, map[string]any{"sid": t.Account, "status": "active", "type": "Full", "friendly_name": "Example Hosting"})
	case route == "POST "+account+"/Messages.json":
		t.create(c)
	default:
		c.wrong("no such call: %s", route)
		t.fault(c, http.StatusNotFound, 20404, "The requested resource "+c.r.URL.Path+" was not found")
	}
}

var (
	e164        = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	senderName  = regexp.MustCompile(`^[A-Za-z0-9 ]*[A-Za-z][A-Za-z0-9 ]*$`)
	twilioKnown = []string{"To", "From", "MessagingServiceSid", "Body", "StatusCallback", "ValidityPeriod", "SmartEncoded", "ProvideFeedback", "Attempt", "MaxPrice", "RiskCheck"}
)

func (t *Twilio) create(c *call) {
	var form url.Values
	if strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, _ = url.ParseQuery(string(c.body))
	} else {
		c.wrong("content type %q", c.r.Header.Get("Content-Type"))
	}
	for name := range form {
		if !slices.Contains(twilioKnown, name) { // the real one would ignore it, and what it means would not happen
			c.wrong("member %q", name)
		}
	}
	to, from, text, service := form.Get("To"), form.Get("From"), form.Get("Body"), form.Get("MessagingServiceSid")
	bad := func(code int, format string, args ...any) {
		message := fmt.Sprintf(format, args...)
		c.wrong("%d %s", code, message)
		t.fault(c, http.StatusBadRequest, code, message)
	}
	switch callback, err := url.Parse(form.Get("StatusCallback")); {
	case to == "":
		bad(21604, "A 'To' phone number is required.")
	case !e164.MatchString(to):
		bad(21211, "The 'To' number %s is not a valid phone number.", to)
	case from == "" && service == "":
		bad(21603, "A 'From' phone number is required.")
	case from != "" && !e164.MatchString(from) && (len(from) > 11 || !senderName.MatchString(from)):
		bad(21212, "The 'From' number %s is not a valid phone number, shortcode, or alphanumeric sender ID.", from)
	case from != "" && !slices.Contains(t.Senders, from):
		bad(21606, "The 'From' phone number %s is not a valid, SMS-capable inbound phone number or short code for your account.", from)
	case text == "":
		bad(21602, "Message body is required.")
	case len([]rune(text)) > 1600:
		bad(21617, "The concatenated message body exceeds the 1600 character limit")
	case err != nil, form.Has("StatusCallback") && (callback.Hostname() == "" || strings.Contains(callback.Hostname(), "_")):
		bad(21609, "The 'StatusCallback' URL %s is not a valid URL.", form.Get("StatusCallback"))
	default:
		id := "SM" + randomHex(16)
		n, _ := segments(text)
		c.take(Message{ID: id, To: to, From: from, Text: text, Segments: n, Callback: form.Get("StatusCallback")})
		c.say(http.StatusCreated, t.resource(id, to, from, text, "queued"))
	}
}

func (t *Twilio) resource(id, to, from, text, status string) *twilioMessage {
	n, _ := segments(text)
	now := time.Now().UTC().Format(time.RFC1123Z)
	uri := "/2010-04-01/Accounts/" + t.Account + "/Messages/" + id
	return &twilioMessage{
		AccountSid: t.Account, APIVersion: "2010-04-01", Body: text, DateCreated: now, DateUpdated: now, Direction: "outbound-api",
		From: &from, NumMedia: "0", NumSegments: strconv.Itoa(n), PriceUnit: "USD", Sid: id, Status: status, To: to,
		URI: uri + ".json", SubresourceURIs: map[string]string{"media": uri + "/Media.json"},
	}
}

func (t *Twilio) refuse(c *call, mode Mode) {
	switch mode {
	case Unauthorized:
		c.header.Set("WWW-Authenticate", `Basic realm="Twilio API"`)
		t.fault(c, http.StatusUnauthorized, 20003, "Authenticate")
	case Refused:
		t.fault(c, http.StatusBadRequest, 21614, "'To' number is not a valid mobile number")
	case Busy:
		t.fault(c, http.StatusTooManyRequests, 20429, "Too Many Requests")
	case Broken:
		t.fault(c, http.StatusInternalServerError, 20500, "An internal server error has occurred")
	case ErrorInside:
		form, _ := url.ParseQuery(string(c.body))
		m := t.resource("SM"+randomHex(16), form.Get("To"), form.Get("From"), form.Get("Body"), "failed")
		code, text := 30001, "Queue overflow"
		m.ErrorCode, m.ErrorMessage = &code, &text
		c.say(http.StatusCreated, m)
	}
}
