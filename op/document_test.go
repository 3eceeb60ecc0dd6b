package op

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// deaf is a caller who went away before the body.
type deaf struct{ http.ResponseWriter }

func (deaf) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// A caller who does not wait is no error of ours: it would stand in the log as one, once for each.
func TestACallerWhoWentAwayIsNoErrorOfADocument(t *testing.T) {
	d := newDocument("application/json", []byte("{}"), time.Minute)
	if err := d.serve(deaf{httptest.NewRecorder()}, httptest.NewRequest("GET", pathJWKS, nil)); err != nil {
		t.Error(err)
	}
}

// A document says how long it is, whoever counts.
func TestADocumentIsNotSentInChunks(t *testing.T) {
	for _, length := range []int{1, counted, counted + 1, 10 * counted} {
		d := newDocument("application/json", []byte(strings.Repeat("x", length)), time.Minute)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.serve(w, r) }))
		for _, ask := range []func(string) (*http.Response, error){http.Get, http.Head} {
			resp, err := ask(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.ContentLength != int64(length) || len(resp.TransferEncoding) > 0 {
				t.Errorf("%s: %d bytes, announced as %d %v", resp.Request.Method, length, resp.ContentLength, resp.TransferEncoding)
			}
		}
		srv.Close()
	}
}
