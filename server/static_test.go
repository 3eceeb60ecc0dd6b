package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/soglia-sso/soglia/templates"
)

// deaf is a browser that went away before the body.
type deaf struct{ http.ResponseWriter }

func (deaf) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// A browser that left the page is no error of ours: it would stand in the log as one, once for each file.
func TestABrowserThatWentAwayIsNoErrorOfAFile(t *testing.T) {
	pages, err := templates.New(templates.Brand{Name: "Example", DefaultLang: "it", Offered: []string{"it", "en"}})
	if err != nil {
		t.Fatal(err)
	}
	rows := static(pages)
	if len(rows) == 0 {
		t.Fatal("no files")
	}
	for _, row := range rows {
		if err := row.Handler(deaf{httptest.NewRecorder()}, httptest.NewRequest("GET", row.Pattern, nil)); err != nil {
			t.Errorf("%s: %v", row.Pattern, err)
		}
	}
}
