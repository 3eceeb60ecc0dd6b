package servertest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
)

// transcript is what all browsers of a test did, printed when the test fails: who went where, what came back, which
// step and which error the page showed.
type transcript struct {
	mu    sync.Mutex
	lines []string
}

var (
	transcriptsMu sync.Mutex
	transcripts   = map[testing.TB]*transcript{}
)

// transcriptOf returns the one transcript of a test.
func transcriptOf(t testing.TB) *transcript {
	transcriptsMu.Lock()
	defer transcriptsMu.Unlock()
	if tr := transcripts[t]; tr != nil {
		return tr
	}
	tr := &transcript{}
	transcripts[t] = tr
	t.Cleanup(func() {
		transcriptsMu.Lock()
		delete(transcripts, t)
		transcriptsMu.Unlock()
		if t.Failed() {
			t.Log("transcript:\n" + tr.String())
		}
	})
	return tr
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return strings.Join(tr.lines, "\n")
}

func (tr *transcript) note(who, method string, u *url.URL, res *http.Response, body []byte) {
	line := fmt.Sprintf("%-12s %-4s %s -> %d", who, method, u, res.StatusCode)
	if to := res.Header.Get("Location"); to != "" {
		line += " " + to
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		if doc, err := html.Parse(bytes.NewReader(body)); err == nil {
			main := find(doc, func(n *html.Node) bool { return is(n, "main") })
			line += fmt.Sprintf(" [%s] %s", attr(main, "data-step"), text(find(doc, func(n *html.Node) bool { return is(n, "h1") })))
			if e := find(doc, func(n *html.Node) bool { return attr(n, "role") == "alert" }); e != nil {
				line += " !" + text(e)
			}
		}
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.lines = append(tr.lines, line)
}
