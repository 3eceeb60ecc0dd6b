package gatewaytest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
)

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// accepts is what a fake's verification says of a published example. Vonage's covers the token alone.
func (e Example) accepts() bool {
	if e.Driver == "vonage" {
		return rightHS256(e.Key, strings.TrimPrefix(e.Header.Get("Authorization"), "Bearer "))
	}
	return account{e.Driver, e.Key, e.URL}.genuine(Receipt{http.MethodPost, e.URL, e.Header, e.Body}, e.At)
}

func TestPublishedSignaturesVerify(t *testing.T) {
	count := map[string]int{}
	for i, e := range Published {
		if e.Source == "" {
			t.Errorf("example %d has no source", i)
		}
		if got := e.accepts(); got != e.Right {
			t.Errorf("example %d, %s, from %s: accepted %v, want %v", i, e.Driver, e.Source, got, e.Right)
		}
		count[e.Driver]++
		if !e.Right {
			continue
		}
		for what, other := range map[string]Example{"key": e, "body": e, "address": e} {
			switch what {
			case "key": // a letter in the middle: the last one of base64 may carry no bits
				half := len(e.Key) / 2
				other.Key = e.Key[:half] + map[bool]string{true: "B", false: "A"}[e.Key[half] == 'A'] + e.Key[half+1:]
			case "body":
				if e.Driver == "vonage" {
					continue
				}
				other.Body = append([]byte("x"), e.Body...)
			case "address":
				if e.URL == "" {
					continue
				}
				other.URL = strings.Replace(e.URL, "foo=1&bar=2", "bar=2&foo=1", 1)
			}
			if other.accepts() {
				t.Errorf("example %d, %s: accepted with another %s", i, e.Driver, what)
			}
		}
	}
	t.Logf("%v", count)
	for _, f := range All() {
		if (count[f.Driver()] == 0) != (f.Driver() == "mobyt") {
			t.Errorf("%s has %d examples", f.Driver(), count[f.Driver()])
		}
	}
}
