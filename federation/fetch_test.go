package federation

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// round answers requests in place of the network.
type round func(*http.Request) *http.Response

func (f round) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

func TestADocumentOfSomeoneElseIsFetchedCarefully(t *testing.T) {
	answer := func(status int, body string) Options {
		return Options{Transport: round(func(r *http.Request) *http.Response {
			w := httptest.NewRecorder()
			if status == http.StatusFound {
				w.Header().Set("Location", "https://elsewhere.example/")
			}
			w.WriteHeader(status)
			w.WriteString(body)
			res := w.Result()
			res.Request = r
			return res
		})}
	}
	if got, err := Fetcher(answer(200, `{"keys":[]}`))(t.Context(), "https://panel.example/jwks"); err != nil || string(got) != `{"keys":[]}` {
		t.Fatal(string(got), err)
	}
	for name, c := range map[string]struct {
		options Options
		url     string
	}{
		"not https":         {answer(200, "{}"), "http://panel.example/jwks"},
		"no URL":            {answer(200, "{}"), "panel"},
		"404":               {answer(404, "{}"), "https://panel.example/jwks"},
		"500":               {answer(500, "{}"), "https://panel.example/jwks"},
		"a redirect":        {answer(302, ""), "https://panel.example/jwks"},
		"without an end":    {answer(200, strings.Repeat("x", maxBody+1)), "https://panel.example/jwks"},
		"our own network":   {Options{}, "https://127.0.0.1:1/jwks"},
		"… by its metadata": {Options{}, "https://169.254.169.254/latest"},
	} {
		if got, err := Fetcher(c.options)(t.Context(), c.url); err == nil {
			t.Errorf("%s: %.40s", name, got)
		}
	}
}
