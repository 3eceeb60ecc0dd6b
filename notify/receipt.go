package notify

import (
	"crypto/hmac"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Receipt is what a gateway says became of a message. It orders a page and nothing else: no code, no breaker and no choice
// of gateway depends on one.
type Receipt struct {
	ID    string // the gateway's own, as in [Taken]
	State string // ReceiptSent, ReceiptDelivered, ReceiptRead or ReceiptFailed
}

// The states of a receipt. What a gateway says of its own queue is passed over.
const (
	ReceiptSent      = "sent"
	ReceiptDelivered = "delivered"
	ReceiptRead      = "read"
	ReceiptFailed    = "failed"
)

// Call is a request to the address for receipts, as it came.
type Call struct {
	URL    string // as the gateway was told it, with its query
	Header http.Header
	Body   []byte
	At     time.Time
}

// reporter is a driver whose gateway sends receipts. The error says that a call is not the gateway's.
type reporter interface {
	receipts(c Call) ([]Receipt, error)
}

// ErrForged says that a call does not come from the gateway: its signature or its secret is missing, wrong, or too old.
var ErrForged = errors.New("notify: not a receipt of this gateway")

// form is what a call says in a form or in its query.
func (c Call) form() url.Values {
	text := string(c.Body)
	if text == "" {
		_, text, _ = strings.Cut(c.URL, "?")
	}
	values, _ := url.ParseQuery(text) // what is right of it
	return values
}

// equal compares secrets.
func equal(a, b string) bool { return a != "" && hmac.Equal([]byte(a), []byte(b)) }

// one is a list of one receipt, or of none where the gateway's word is not in the table.
func one(id, word string, table map[string]string) []Receipt {
	if state := table[word]; state != "" && id != "" {
		return []Receipt{{id, state}}
	}
	return nil
}
