package gatewaytest

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Mobyt is the gateway that Skebby, Aruba SMS, Mobyt, Trendoo and smSend share, each under an address and with names for
// the kinds of message of its own.
//
// Documents: developers.skebby.it; smspanel.aruba.it/API/v1.0/REST/doc/index.html; documenter.getpostman.com/view/439263/SVSHqp9i
// (smSend). They say: log in by GET login (a session key that dies after five idle minutes) or GET token (one that lasts);
// the answer is USER_KEY;KEY as text, 404 for wrong credentials. Then the headers user_key and Session_key or
// Access_token; 401 when they are wrong, 404 when there is no such user. POST sms takes JSON with message_type, message
// and recipient, and answers 201. A custom order_id has at most 32 letters, digits, underscores, dots and dashes. Alphanumeric
// senders are registered first and go with the high-quality kinds only. GET status tells the credit.
//
// Not confirmed by a document we could read: what stands in the body of 400 (a client of Symfony's reads the member
// result), of 401 and of 404 (here: nothing); whether login takes Basic authentication or the query (both are taken
// here: the documents differ by brand and age); 429; what a second order with the same order_id does (here: a second
// message, the worst case); how receipts come (a third party's client for Aruba: order_id, status, recipient and
// delivery_date as parameters to an address set in the panel, unsigned, so that the address is the secret): by GET, or by
// POST as [Mobyt.Post] says; what 201 with another result than OK means.
type Mobyt struct {
	gateway
	Username, Password   string
	UserKey, AccessToken string
	SessionKey           string
	Kinds                []string // of message; those with registered senders first
	Senders              []string // registered
	Post                 bool     // receipts come as forms
}

// NewMobyt makes one with an account of its own and the sender EXAMPLE.
func NewMobyt() *Mobyt {
	m := &Mobyt{
		Username: "shop@example.it", Password: "panel-password", UserKey: "20417", AccessToken: "UVH6sUqZfXC1Hx2Pp4tGZ0nD",
		SessionKey: "a1DFB08C1B8E4E0D", Kinds: []string{"GP", "N", "TI", "L", "LL", "SI"}, Senders: []string{"EXAMPLE"},
	}
	m.gateway = gateway{driver: "mobyt", page: "https://developers.skebby.it", answer: m.serve, fail: m.refuse}
	return m
}

// highQuality are the kinds that carry a registered sender: GP is Skebby's and Trendoo's word, N Aruba's and smSend's.
var highQuality = []string{"GP", "N"}

type mobytSMS struct {
	MessageType            string   `json:"message_type"`
	Message                string   `json:"message"`
	Recipient              []string `json:"recipient"`
	Sender                 *string  `json:"sender"`
	ScheduledTime          *string  `json:"scheduled_delivery_time"`
	ScheduledZone          *string  `json:"scheduled_delivery_timezone"`
	OrderID                *string  `json:"order_id"`
	ReturnCredits          bool     `json:"returnCredits"`
	ReturnRemaining        bool     `json:"returnRemaining"`
	AllowInvalidRecipients bool     `json:"allowInvalidRecipients"`
	Encoding               string   `json:"encoding"`
	IDLanding              *int     `json:"id_landing"`
	CampaignName           *string  `json:"campaign_name"`
	ShortLink              *string  `json:"short_link_url"`
	MaxFragments           *int     `json:"max_fragments"`
	Truncate               *bool    `json:"truncate"`
	ValidityMinutes        *int     `json:"validity_period_min"`
	RichSMS                *string  `json:"richsms_url"`
}

type mobytResult struct {
	Result    string `json:"result"`
	OrderID   string `json:"order_id,omitempty"`
	TotalSent int    `json:"total_sent,omitempty"`
	Remaining int    `json:"remaining_credits,omitempty"`
}

func (m *Mobyt) serve(c *call) {
	base, path, ok := strings.Cut(c.r.URL.Path, "/API/v1.0/REST/")
	if !ok || base != "" && !strings.HasPrefix(base, "/") {
		c.wrong("no such path: %s", c.r.URL.Path)
		c.status = http.StatusNotFound
		return
	}
	switch c.r.Method + " " + path {
	case "GET login", "GET token":
		m.login(c, map[string]string{"login": m.SessionKey, "token": m.AccessToken}[path])
	case "GET status":
		if m.known(c) {
			c.say(http.StatusOK, map[string]any{"money": nil, "sms": []map[string]any{{"type": m.Kinds[0], "quantity": 500}}})
		}
	case "POST sms":
		if m.known(c) {
			m.sms(c)
		}
	default:
		c.wrong("no such call: %s %s", c.r.Method, path)
		c.status = http.StatusNotFound
	}
}

func (m *Mobyt) login(c *call, key string) {
	user, password, basic := c.r.BasicAuth()
	if q := c.r.URL.Query(); !basic {
		user, password = q.Get("username"), q.Get("password")
	}
	if user != m.Username || password != m.Password {
		c.wrong("wrong user name or password")
		c.status = http.StatusNotFound
		return
	}
	c.header.Set("Content-Type", "text/plain")
	c.status, c.out = http.StatusOK, []byte(m.UserKey+";"+key)
}

// known checks the account's headers.
func (m *Mobyt) known(c *call) bool {
	h := c.r.Header
	switch token, session := h.Get("Access_token"), h.Get("Session_key"); {
	case h.Get("user_key") == "":
		c.wrong("no user_key")
		c.status = http.StatusUnauthorized
	case h.Get("user_key") != m.UserKey:
		c.wrong("no such user_key")
		c.status = http.StatusNotFound
	case token != m.AccessToken && session != m.SessionKey:
		c.wrong("neither Access_token nor Session_key is right")
		c.status = http.StatusUnauthorized
	case c.r.Method == http.MethodPost && !strings.HasPrefix(h.Get("Content-Type"), "application/json"):
		c.wrong("content type %q", h.Get("Content-Type"))
		c.say(http.StatusBadRequest, mobytResult{Result: "Content type not supported"})
	default:
		return true
	}
	return false
}

var (
	mobytOrder     = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,32}$`)
	mobytRecipient = regexp.MustCompile(`^(\+|00)[1-9][0-9]{6,14}$`)
)

func (m *Mobyt) sms(c *call) {
	var q mobytSMS
	bad := func(result, format string, args ...any) {
		c.wrong(format, args...)
		c.say(http.StatusBadRequest, mobytResult{Result: result})
	}
	if err := c.read(&q); err != nil {
		bad("Invalid JSON", "body: %v", err)
		return
	}
	n, ucs2 := segments(q.Message)
	longest := map[string]int{"": 1000, "gsm": 1000, "ucs2": 450}[q.Encoding]
	sender := value(q.Sender)
	switch {
	case !slices.Contains(m.Kinds, q.MessageType):
		bad("Invalid message_type", "message_type %q", q.MessageType)
	case q.Message == "":
		bad("Message is empty", "no message")
	case longest == 0:
		bad("Invalid encoding", "encoding %q", q.Encoding)
	case len([]rune(q.Message)) > longest:
		bad("Message too long", "message of %d characters", len([]rune(q.Message)))
	case ucs2 && q.Encoding != "ucs2":
		bad("Invalid characters", "characters that are not in the GSM alphabet, and encoding is not ucs2")
	case q.OrderID != nil && !mobytOrder.MatchString(*q.OrderID):
		bad("Invalid order_id", "order_id %q", *q.OrderID)
	case sender != "" && !slices.Contains(m.Senders, sender):
		bad("Invalid sender", "sender %q is not registered", sender)
	case sender != "" && !slices.Contains(highQuality, q.MessageType):
		bad("Invalid sender", "a sender of one's own with message_type %s", q.MessageType)
	case len(q.Recipient) == 0:
		bad("No recipients", "no recipient")
	case slices.ContainsFunc(q.Recipient, func(to string) bool { return !mobytRecipient.MatchString(to) }):
		bad("Invalid recipient", "recipient %q", q.Recipient)
	default:
		id := value(q.OrderID)
		if id == "" {
			id = uuid()
		}
		for _, to := range q.Recipient {
			if strings.HasPrefix(to, "00") {
				to = "+" + to[2:]
			}
			c.take(Message{ID: id, Reference: value(q.OrderID), To: to, From: sender, Text: q.Message, Segments: n})
		}
		r := mobytResult{Result: "OK", OrderID: id, TotalSent: len(q.Recipient)}
		if q.ReturnCredits {
			r.TotalSent *= n
		}
		if q.ReturnRemaining {
			r.Remaining = 499
		}
		c.say(http.StatusCreated, r)
	}
}

func (m *Mobyt) refuse(c *call, mode Mode) {
	switch mode {
	case Unauthorized:
		c.status = http.StatusUnauthorized
	case Refused:
		c.say(http.StatusBadRequest, mobytResult{Result: "Invalid recipient"})
	case Busy:
		c.say(http.StatusTooManyRequests, mobytResult{Result: "Too many requests"})
	case Broken:
		c.header.Set("Content-Type", "text/html")
		c.status, c.out = http.StatusInternalServerError, []byte("<html><body>Internal Server Error</body></html>")
	case ErrorInside:
		c.say(http.StatusCreated, mobytResult{Result: "Not enough credit"})
	}
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
