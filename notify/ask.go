package notify

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/soglia-sso/soglia/outbound"
)

// ask makes a request that hands a message to a gateway, and sorts what went wrong on the way. No header Idempotency-Key:
// with one, outbound would repeat what the worker repeats.
func ask(ctx context.Context, out *outbound.Client, q outbound.Request) (*outbound.Answer, error) {
	q.Method = http.MethodPost
	a, err := out.Do(ctx, q)
	if err == nil {
		return a, nil
	}
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err // the address may name the account
	}
	var no *outbound.Failure
	var dial *net.OpError
	var stranger *tls.CertificateVerificationError
	switch {
	case errors.As(err, &no) && no.Status != http.StatusBadGateway && no.Status != http.StatusGatewayTimeout:
		return nil, &NotNow{err, no.RetryAfter}
	case errors.Is(err, outbound.ErrOpen), errors.As(err, &dial) && dial.Op == "dial", errors.As(err, &stranger):
		return nil, &NotNow{Cause: err} // it never arrived
	}
	return nil, fmt.Errorf("%w: %w", ErrUnsure, err)
}

// judge says what a status below 500 means that is none of success, where a gateway has no better word. said is the
// gateway's reason, without a word of the message.
func judge(status int, said string) error {
	err := fmt.Errorf("status %d", status)
	if said != "" {
		err = fmt.Errorf("status %d, %s", status, said)
	}
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusRequestTimeout, http.StatusGone:
		return &NotNow{Cause: err} // about the account or the address, not about the message: the operator can mend it
	}
	if status >= 400 {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return fmt.Errorf("%w: %w", ErrUnsure, err)
}

// read decodes an answer of success. One that nobody can read leaves it open what the gateway did.
func read(a *outbound.Answer, v any) error {
	if err := json.Unmarshal(a.Body, v); err != nil {
		return fmt.Errorf("%w: status %d, and no JSON", ErrUnsure, a.Status)
	}
	return nil
}

// incomplete is an answer of success without what it must hold.
func incomplete(a *outbound.Answer) error {
	return fmt.Errorf("%w: status %d without an id", ErrUnsure, a.Status)
}

var notWords = regexp.MustCompile(`[^A-Za-z_ ]+`)

// words are a gateway's own words as they may stand in a log: short, and without digits, because numbers and codes are
// made of them.
func words(said string) string {
	said = strings.TrimSpace(notWords.ReplaceAllString(said, " "))
	return said[:min(len(said), 60)]
}

// insideError is an answer of success that says the contrary.
func insideError(a *outbound.Answer, said string) error {
	return fmt.Errorf("status %d with an error inside: %s", a.Status, said)
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}
