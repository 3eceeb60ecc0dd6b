package op

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/web"
)

// deaf is a caller who went away before the body.
type deaf struct{ http.ResponseWriter }

func (deaf) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// A caller who does not wait is no error of ours: it would stand in the log as one, once for each.
func TestACallerWhoWentAwayIsNoErrorOfADocument(t *testing.T) {
	d := web.NewDocument("application/json", []byte("{}"), time.Minute)
	if err := d.Serve(deaf{httptest.NewRecorder()}, httptest.NewRequest("GET", pathJWKS, nil)); err != nil {
		t.Error(err)
	}
}

// An answer says how long it is, whoever counts.
func TestNoAnswerIsSentInChunks(t *testing.T) {
	for _, length := range []int{1, web.Counted, web.Counted + 1, 10 * web.Counted} {
		body := []byte(strings.Repeat("x", length))
		d := web.NewDocument("application/json", body, time.Minute)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/document" {
				d.Serve(w, r)
			} else {
				writeJSON(w, body)
			}
		}))
		for what, ask := range map[string]func() (*http.Response, error){
			"GET":    func() (*http.Response, error) { return http.Get(srv.URL + "/document") },
			"HEAD":   func() (*http.Response, error) { return http.Head(srv.URL + "/document") },
			"tokens": func() (*http.Response, error) { return http.Get(srv.URL + "/token") },
		} {
			resp, err := ask()
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.ContentLength != int64(length) || len(resp.TransferEncoding) > 0 {
				t.Errorf("%s: %d bytes, announced as %d %v", what, length, resp.ContentLength, resp.TransferEncoding)
			}
		}
		srv.Close()
	}
}
