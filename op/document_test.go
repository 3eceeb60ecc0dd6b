package op

import (
	"errors"
	"net/http"
	"net/http/httptest"
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
