package notify

import (
	"crypto/hmac"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
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

// Hook is where a gateway reports.
type Hook struct {
	Gateway string
	Path    string // what follows the gateway's name in the address: "/{secret}", or nothing
	// Receipts reads a call. Its error is [ErrForged], or says that a genuine call cannot be read.
	Receipts func(Call) ([]Receipt, error)
	// Longest is how many bytes a call may have, for a gateway that says much in one; 0 = as any other request.
	Longest int64
	// Challenge answers the call by which a gateway proves the address once; nil = it never does.
	Challenge func(url.Values) (answer string, right bool)
}

// Hooks are those of all gateways whose settings say how a receipt is known to be genuine.
func Hooks(drivers map[string]Driver) (all []Hook) {
	for _, channel := range slices.Sorted(maps.Keys(drivers)) {
		gateways, _ := drivers[channel].(router)
		for _, g := range gateways {
			d, ok := g.driver.(reporter)
			if !ok {
				continue
			}
			path, on := d.hook()
			if !on {
				continue
			}
			h := Hook{Gateway: g.name, Path: path, Receipts: d.receipts}
			if c, ok := d.(interface {
				challenge(url.Values) (string, bool)
			}); ok {
				h.Challenge = c.challenge
			}
			if c, ok := d.(interface{ longest() int64 }); ok {
				h.Longest = c.longest()
			}
			all = append(all, h)
		}
	}
	return all
}

// reporter is a driver whose gateway sends receipts.
type reporter interface {
	hook() (path string, on bool)
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

// one is a list of one receipt, or of none where the gateway's word is not in the table, or its id is no text that a database
// takes: one such would keep back the others of its call, which the gateway sends again and again.
func one(id, word string, table map[string]string) []Receipt {
	if state := table[word]; state != "" && id != "" && utf8.ValidString(id) && !strings.Contains(id, "\x00") {
		return []Receipt{{id, state}}
	}
	return nil
}
