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

// Vonage is Vonage's Messages API, version 1, for text messages. Its older SMS API, which answers 200 with an error
// inside, is called legacy by the dashboard's own manual, and an account uses one of the two.
//
// Documents: developer.vonage.com/en/api/messages (with its OpenAPI description, 1.20), …/api-errors/messages,
// …/messages/concepts/signed-webhooks, …/messages/concepts/messages-status-callbacks,
// …/getting-started/concepts/authentication, …/en/dashboard/control/api-settings. They say: JSON to /v1/messages under
// Basic (key and secret) or Bearer (a JWT, RS256, of an application); numbers without plus sign; 202 with message_uuid;
// errors as RFC 7807 documents, 422 for what is wrong in the message; 429 with Retry-After. Status callbacks are JSON
// under a Bearer JWT, HS256 by the account's signature secret, whose payload_hash is the SHA-256 of the body; rarely one
// comes unsigned, and 5xx makes Vonage send it again.
//
// Not confirmed: whether messages sent under Basic get callbacks (one page says that Basic supports none, another that they
// go to the account's address; a webhook_url in the message is obeyed here); the other members of the callback's JWT
// (iat, jti, iss Vonage, api_key, application_id are those of a sample); whether payload_hash is in hexadecimal (here: yes);
// unknown members (here: refused); the host that tells the balance to a key of the Messages API.
type Vonage struct {
	gateway
	Key, Secret     string // of the account
	Application     string
	SignatureSecret string
	Senders         []string
}

// NewVonage makes one with an account and an application of its own and the senders EXAMPLE and 390000000002.
func NewVonage() *Vonage {
	v := &Vonage{
		Key: "a1b2c3d4", Secret: "Vonage-Secret-16", Application: "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
		SignatureSecret: "a signature secret of more than thirty-two characters", Senders: []string{"EXAMPLE", "390000000002"},
	}
	v.gateway = gateway{
		driver: "vonage", page: "https://developer.vonage.com/en/api/messages",
		hosts:  []string{"api.nexmo.com", "api-eu.nexmo.com", "rest.nexmo.com"},
		answer: v.serve, fail: v.refuse,
	}
	return v
}

// PrivateKey is the application's key as the dashboard hands it out, PEM.
func (v *Vonage) PrivateKey() string { return applicationKey().pem }

type vonageSMS struct {
	MessageType    string          `json:"message_type"`
	Channel        string          `json:"channel"`
	To             string          `json:"to"`
	From           string          `json:"from"`
	Text           string          `json:"text"`
	ClientRef      *string         `json:"client_ref"`
	WebhookURL     *string         `json:"webhook_url"`
	WebhookVersion *string         `json:"webhook_version"`
	TTL            *int            `json:"ttl"`
	TrustedSender  *bool           `json:"trusted_sender"`
	SMS            *vonageSMSExtra `json:"sms"`
}

type vonageSMSExtra struct {
	EncodingType string `json:"encoding_type"`
	ContentID    string `json:"content_id"`
	EntityID     string `json:"entity_id"`
	PoolID       string `json:"pool_id"`
}

type vonageProblem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Detail   string `json:"detail"`
	Instance string `json:"instance"`
}

// problem answers with an error. Those of a message (422) come as JSON, all others as problem+json.
func (v *Vonage) problem(c *call, status int, code, title, detail string) {
	c.header.Set("Content-Type", "application/problem+json")
	where := "https://developer.vonage.com/api-errors#" + code
	if status == http.StatusUnprocessableEntity {
		c.header.Set("Content-Type", "application/json")
		where = "https://developer.vonage.com/api-errors/messages#" + code
	}
	c.say(status, vonageProblem{where, title, detail, randomHex(16)})
}

func (v *Vonage) serve(c *call) {
	c.header.Set("X-Request-Id", uuid())
	switch route := c.r.Method + " " + c.r.URL.Path; {
	case !v.known(c.r):
		c.wrong("wrong credentials")
		v.unauthorized(c)
	case route == "GET /account/get-balance":
		c.say(http.StatusOK, map[string]any{"value": 10.28, "autoReload": false})
	case route == "POST /v1/messages":
		v.send(c)
	default:
		c.wrong("no such call: %s", route)
		v.problem(c, http.StatusNotFound, "not-found", "Not Found", "")
	}
}

func (v *Vonage) unauthorized(c *call) {
	v.problem(c, http.StatusUnauthorized, "unathorized", "You did not provide correct credentials.", // sic, the documents have it so
		"Check that you're using the correct credentials, and that your account has this feature enabled")
}

func (v *Vonage) known(r *http.Request) bool {
	if key, secret, ok := r.BasicAuth(); ok {
		return key == v.Key && secret == v.Secret
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	claims, right := applicationKey().read(token)
	issued := time.Unix(claims.IssuedAt, 0)
	return ok && right && claims.Application == v.Application && claims.ID != "" && !issued.After(time.Now().Add(time.Minute)) &&
		(claims.Expires == 0 && time.Since(issued) < 15*time.Minute || time.Unix(claims.Expires, 0).After(time.Now()))
}

var vonageNumber = regexp.MustCompile(`^[1-9][0-9]{6,14}$`)

func (v *Vonage) send(c *call) {
	var q vonageSMS
	bad := func(code, title, format string, args ...any) {
		detail := fmt.Sprintf(format, args...)
		c.wrong("%s %s", code, detail)
		v.problem(c, http.StatusUnprocessableEntity, code, title, detail)
	}
	if ct := c.r.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		bad("invalid-json", "The request body did not contain valid JSON", "content type %q", ct)
		return
	}
	if err := c.read(&q); err != nil {
		bad("invalid-json", "The request body did not contain valid JSON", "%v", err)
		return
	}
	n, ucs2 := segments(q.Text)
	hook, err := url.Parse(value(q.WebhookURL))
	switch {
	case q.Channel != "sms":
		bad("1400", "Unsupported channel", "The channel specified in the request is not supported: %q.", q.Channel)
	case q.MessageType != "text":
		bad("1440", "Invalid message type", "message_type %q", q.MessageType)
	case !vonageNumber.MatchString(q.To):
		bad("1430", "Invalid recipient", "The `to` parameter is invalid for the given channel: %q.", q.To)
	case !slices.Contains(v.Senders, q.From):
		bad("1420", "Invalid sender", "The `from` parameter is invalid for the given channel: %q.", q.From)
	case q.Text == "":
		bad("1010", "Missing params", "text")
	case len([]rune(q.Text)) > 3200:
		bad("1090", "Message too long", "text of %d characters", len([]rune(q.Text)))
	case q.SMS != nil && q.SMS.EncodingType == "text" && ucs2:
		bad("1020", "Invalid params", "sms.encoding_type is text, and the text needs unicode")
	case q.SMS != nil && !slices.Contains([]string{"", "auto", "text", "unicode"}, q.SMS.EncodingType):
		bad("1020", "Invalid params", "sms.encoding_type %q", q.SMS.EncodingType)
	case len(value(q.ClientRef)) > 100:
		bad("1450", "Invalid client reference", "The client reference can be a string of up to 100 characters.")
	case q.TTL != nil && (*q.TTL < 20 || *q.TTL > 604800):
		bad("1130", "Invalid TTL", "ttl %d", *q.TTL)
	case q.WebhookURL != nil && (err != nil || hook.Host == ""), q.WebhookVersion != nil && *q.WebhookVersion != "v1":
		bad("1020", "Invalid params", "webhook_url %q, webhook_version %q", value(q.WebhookURL), value(q.WebhookVersion))
	default:
		id := uuid()
		c.take(Message{
			ID: id, Reference: value(q.ClientRef), To: "+" + q.To, From: q.From, Text: q.Text, Segments: n, Callback: value(q.WebhookURL),
		})
		c.say(http.StatusAccepted, map[string]string{"message_uuid": id})
	}
}

func (v *Vonage) refuse(c *call, mode Mode) {
	c.header.Set("X-Request-Id", uuid())
	switch mode {
	case Unauthorized:
		v.unauthorized(c)
	case Refused:
		v.problem(c, http.StatusUnprocessableEntity, "1430", "Invalid recipient", "The `to` parameter is invalid for the given channel.")
	case Busy:
		c.header.Set("X-RateLimit-Limit", "30")
		c.header.Set("X-RateLimit-Remaining", "0")
		c.header.Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(RetryAfter).UnixMilli(), 10))
		v.problem(c, http.StatusTooManyRequests, "throttled", "Rate Limit Hit", "Please wait, then retry your request")
	case Broken:
		v.problem(c, http.StatusInternalServerError, "internal-error", "Internal error", "There was an error processing your request in the Platform.")
	case ErrorInside: // not seen with this API; in form it is the error of a message
		v.problem(c, http.StatusUnprocessableEntity, "1040", "Invalid message", "The Platform was unable to process your request.")
		c.status = http.StatusAccepted
	}
}
