package outbound

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestGreetingSaysNothingAndJudgesTheCertificate(t *testing.T) {
	var requests atomic.Int32
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	defer s.Close()
	gone := httptest.NewTLSServer(http.NotFoundHandler())
	gone.Close()
	careful := New(Options{})
	for name, c := range map[string]struct {
		by   *Client
		at   string
		want string
	}{
		"a certificate that nobody signed":     {careful.Private(), s.URL + "/hook", "certificate"},
		"nobody there":                         {careful.Private(), gone.URL, "refused"},
		"inside, and not said to be":           {careful, s.URL, "private"},
		"no https":                             {careful.Private(), strings.Replace(s.URL, "https:", "http:", 1), "scheme"},
		"this machine, allowed for soglia dev": {New(Options{Loopback: true}), strings.NewReplacer("https:", "http:", "127.0.0.1", "panel.localhost").Replace(s.URL), ""},
	} {
		err := c.by.Greet(t.Context(), c.at)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if requests.Load() != 0 {
		t.Error("something was asked")
	}
}
