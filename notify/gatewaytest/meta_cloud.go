package gatewaytest

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// MetaCloud is the WhatsApp Cloud API, for authentication templates with a copy-code button.
//
// Documents, all under developers.facebook.com/documentation/business-messaging/whatsapp: templates/authentication-templates/
// copy-code-button-authentication-templates, support/error-codes, webhooks/create-webhook-endpoint,
// webhooks/reference/messages/status, templates/time-to-live; the OpenAPI description in the repository facebook/openapi. They
// say: JSON to graph.facebook.com/<version>/<phone number id>/messages under a Bearer token; a template of category
// authentication, whose one-time code, of at most 15 characters, stands twice: in the body and as parameter of the button,
// which has sub_type url and index "0"; the answer's messages[0].id is what receipts name. Errors are {"error": {message,
// type, code, error_data.details, fbtrace_id}}; one should go by the code. The address for receipts is proved once by GET
// with hub.mode, hub.challenge and hub.verify_token; receipts carry X-Hub-Signature-256, an HMAC of the body under the app
// secret; up to 1,000 come in one request; a failed one is sent again for seven days; delivered may be left out when read.
//
// Not confirmed: the HTTP status of each code (here: 401 for 190, 404 for 132001, 429 for 130429, else 400; third parties'
// tables have these); Retry-After; that a button with another code than the body is refused (here: 132012); what a plain
// text outside a conversation is answered with at once (here: 131047; the documents speak of the receipt); the code for
// a code that is too long (here: 131009); unknown members (here: 100). Meta publishes no example of a signature with its
// key: [Published] has one of another vendor with the same header and construction.
type MetaCloud struct {
	gateway
	PhoneNumberID string
	DisplayNumber string
	Account       string // WhatsApp business account
	Token         string
	AppSecret     string
	VerifyToken   string
	Templates     map[string]string // approved: language by name
}

// NewMetaCloud makes one with a number of its own and the templates otp_it and otp_en.
func NewMetaCloud() *MetaCloud {
	m := &MetaCloud{
		PhoneNumberID: "100000000000001", DisplayNumber: "390000000003", Account: "200000000000001",
		Token: "EAAJB0fake0token", AppSecret: "0123456789abcdef0123456789abcdef", VerifyToken: "said-by-the-operator",
		Templates: map[string]string{"otp_it": "it", "otp_en": "en"},
	}
	m.gateway = gateway{
		driver: "meta_cloud",
		page:   "https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/authentication-templates/copy-code-button-authentication-templates",
		hosts:  []string{"graph.facebook.com"}, answer: m.serve, fail: m.refuse,
	}
	return m
}

type metaMessage struct {
	Product       string        `json:"messaging_product"`
	RecipientType string        `json:"recipient_type"`
	To            string        `json:"to"`
	Type          string        `json:"type"`
	Template      *metaTemplate `json:"template"`
	Text          any           `json:"text"`
	Opaque        string        `json:"biz_opaque_callback_data"`
}

// fault answers with a Graph API error.
func (m *MetaCloud) fault(c *call, status, code int, title, details string) {
	e := map[string]any{
		"message": fmt.Sprintf("(#%d) %s", code, title), "type": "OAuthException", "code": code, "fbtrace_id": "A" + randomHex(11),
	}
	if details != "" {
		e["error_data"] = map[string]string{"messaging_product": "whatsapp", "details": details}
	}
	c.header.Set("Content-Type", "application/json; charset=UTF-8")
	c.say(status, map[string]any{"error": e})
}

var metaPath = regexp.MustCompile(`^/v[1-9][0-9]*\.[0-9]+/([0-9]+)(/messages)?$`)

func (m *MetaCloud) serve(c *call) {
	path := metaPath.FindStringSubmatch(c.r.URL.Path)
	switch {
	case path == nil:
		c.wrong("no such path: %s", c.r.URL.Path)
		m.fault(c, http.StatusBadRequest, 2500, "Unknown path components: "+c.r.URL.Path, "")
	case c.r.Header.Get("Authorization") != "Bearer "+m.Token:
		c.wrong("wrong token")
		m.unauthorized(c)
	case path[1] != m.PhoneNumberID:
		c.wrong("phone number id %s", path[1])
		m.fault(c, http.StatusBadRequest, 100, "Object with ID '"+path[1]+"' does not exist, cannot be loaded due to missing permissions, or does not support this operation", "")
	case c.r.Method == http.MethodGet && path[2] == "":
		c.say(http.StatusOK, map[string]string{"id": m.PhoneNumberID, "display_phone_number": "+" + m.DisplayNumber, "verified_name": "Example Hosting"})
	case c.r.Method == http.MethodPost && path[2] != "":
		m.send(c)
	default:
		c.wrong("no such call: %s %s", c.r.Method, c.r.URL.Path)
		m.fault(c, http.StatusBadRequest, 100, "Unsupported "+strings.ToLower(c.r.Method)+" request", "")
	}
}

func (m *MetaCloud) unauthorized(c *call) {
	c.header.Set("Content-Type", "application/json; charset=UTF-8")
	c.header.Set("WWW-Authenticate", `OAuth "Facebook Platform" "invalid_token" "Invalid OAuth access token"`)
	c.say(http.StatusUnauthorized, map[string]any{"error": map[string]any{
		"message": "Invalid OAuth access token", "type": "OAuthException", "code": 190, "fbtrace_id": "A" + randomHex(11),
	}})
}

var metaRecipient = regexp.MustCompile(`^\+?[1-9][0-9]{6,14}$`)

func (m *MetaCloud) send(c *call) {
	var q metaMessage
	bad := func(code int, title, format string, args ...any) {
		details := fmt.Sprintf(format, args...)
		c.wrong("%d %s", code, details)
		status := http.StatusBadRequest
		if code == 132001 {
			status = http.StatusNotFound
		}
		m.fault(c, status, code, title, details)
	}
	if ct := c.r.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		bad(100, "Invalid parameter", "content type %q", ct)
		return
	}
	if err := c.read(&q); err != nil {
		bad(100, "Invalid parameter", "%v", err)
		return
	}
	switch {
	case q.Product != "whatsapp":
		bad(100, "The parameter messaging_product is required.", "messaging_product %q", q.Product)
	case q.RecipientType != "" && q.RecipientType != "individual":
		bad(100, "Invalid parameter", "recipient_type %q", q.RecipientType)
	case q.To == "":
		bad(131008, "Required parameter is missing", "to")
	case !metaRecipient.MatchString(q.To):
		bad(131009, "Parameter value is not valid", "to %q", q.To)
	case q.Type != "template":
		bad(131047, "Re-engagement message", "More than 24 hours have passed since the recipient last replied to the sender number.")
	case q.Template == nil:
		bad(131008, "Required parameter is missing", "template")
	case m.Templates[q.Template.Name] == "" || m.Templates[q.Template.Name] != q.Template.Language.Code:
		bad(132001, "Template name does not exist in the translation", "template name (%s) does not exist in %s", q.Template.Name, q.Template.Language.Code)
	default:
		text, problem := code(q.Template.Components)
		if problem != nil {
			bad(problem.code, problem.title, "%s", problem.details)
			return
		}
		number := strings.TrimPrefix(q.To, "+")
		id := "wamid." + strings.ToUpper(randomHex(24))
		c.take(Message{
			ID: id, Reference: q.Opaque, To: "+" + number, From: m.PhoneNumberID, Text: text, Template: q.Template.Name,
			Language: q.Template.Language.Code,
		})
		c.header.Set("Content-Type", "application/json; charset=UTF-8")
		c.say(http.StatusOK, map[string]any{
			"messaging_product": "whatsapp",
			"contacts":          []map[string]string{{"input": q.To, "wa_id": number}},
			"messages":          []map[string]string{{"id": id, "message_status": "accepted"}},
		})
	}
}

func (m *MetaCloud) refuse(c *call, mode Mode) {
	switch mode {
	case Unauthorized:
		m.unauthorized(c)
	case Refused:
		m.fault(c, http.StatusBadRequest, 131026, "Message undeliverable", "Unable to deliver message.")
	case Busy:
		m.fault(c, http.StatusTooManyRequests, 130429, "Rate limit hit", "Cloud API message throughput has been reached.")
	case Broken:
		m.fault(c, http.StatusInternalServerError, 131000, "Something went wrong", "Message failed to send due to an unknown error.")
	case ErrorInside:
		m.fault(c, http.StatusOK, 131016, "Service unavailable", "A service is temporarily unavailable.")
	}
}
