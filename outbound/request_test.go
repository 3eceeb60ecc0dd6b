package outbound

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
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
	if got, err := New(answer(200, `{"keys":[]}`)).Document(t.Context(), "https://panel.example/jwks"); err != nil || string(got) != `{"keys":[]}` {
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
		"without an end":    {answer(200, strings.Repeat("x", MaxBody+1)), "https://panel.example/jwks"},
		"our own network":   {Options{}, "https://127.0.0.1:1/jwks"},
		"… by its metadata": {Options{}, "https://169.254.169.254/latest"},
	} {
		if got, err := New(c.options).Document(t.Context(), c.url); err == nil {
			t.Errorf("%s: %.40s", name, got)
		}
	}
}

// host answers by what is left of a list of statuses (0 = no answer at all), then 200. It counts what reaches it.
type host struct {
	answers []int
	asked   int
}

func (h *host) RoundTrip(r *http.Request) (*http.Response, error) {
	h.asked++
	status := http.StatusOK
	if len(h.answers) > 0 {
		status, h.answers = h.answers[0], h.answers[1:]
	}
	if status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	w := httptest.NewRecorder()
	w.WriteHeader(status)
	return w.Result(), nil
}

func TestOnlyWhatMayBeAskedTwiceIsRepeated(t *testing.T) {
	key := map[string]string{"Idempotency-Key": "m1"}
	for name, c := range map[string]struct {
		request Request
		answers []int
		asked   int
		ok      bool
	}{
		"a closed connection":           {Request{}, []int{0}, 2, true},
		"a host that restarts":          {Request{}, []int{503, 0}, 3, true},
		"three times and no more":       {Request{}, []int{502, 503, 504, 200}, 3, false},
		"a mistake of the host":         {Request{}, []int{500, 200}, 1, false},
		"too often":                     {Request{}, []int{429, 200}, 1, false},
		"a POST may have been done":     {Request{Method: "POST", Body: []byte("x")}, []int{0, 200}, 1, false},
		"a POST that is known by a key": {Request{Method: "POST", Body: []byte("x"), Header: key}, []int{0, 503}, 3, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := &host{answers: c.answers}
			c.request.URL = "https://other.example/"
			_, err := New(Options{Transport: h}).Do(t.Context(), c.request)
			if (err == nil) != c.ok || h.asked != c.asked {
				t.Errorf("%s: asked %d times, %v", name, h.asked, err)
			}
		})
	}
}

func TestAHostThatFailsIsLeftAloneForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{answers: []int{500, 500, 500, 500, 500, 500}}
		c := New(Options{Transport: h})
		ask := func(c *Client, at string) error {
			_, err := c.Do(t.Context(), Request{URL: at})
			return err
		}
		for range failuresToOpen {
			if err := ask(c, "https://other.example/"); err == nil || errors.Is(err, ErrOpen) {
				t.Fatal(err)
			}
		}
		if err := ask(c, "https://other.example/"); !errors.Is(err, ErrOpen) || h.asked != failuresToOpen {
			t.Errorf("asked %d times, %v", h.asked, err)
		}
		if err := ask(c.Private(), "https://other.example/"); !errors.Is(err, ErrOpen) {
			t.Errorf("the same host by another way: %v", err)
		}
		time.Sleep(openFor)
		if err := ask(c, "https://other.example/"); err == nil || errors.Is(err, ErrOpen) {
			t.Errorf("after a moment one may try: %v", err)
		}
		if err := ask(c, "https://other.example/"); !errors.Is(err, ErrOpen) {
			t.Errorf("… and no other: %v", err)
		}
		if err := ask(c, "https://healthy.example/"); err != nil {
			t.Errorf("another host: %v", err)
		}
		time.Sleep(openFor)
		for range 2 { // it is well again
			if err := ask(c, "https://other.example/"); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestAHostThatSaysWhenToComeBackIsHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for said, want := range map[string]time.Duration{
			"": 0, "7": 7 * time.Second, "0": 0, "-3": 0, "soon": 0, "99999999999999999999": 0, "2000000000": longestWait,
			time.Now().Add(time.Minute).UTC().Format(http.TimeFormat):  time.Minute,
			time.Now().Add(-time.Minute).UTC().Format(http.TimeFormat): 0,
		} {
			for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
				c := New(Options{Transport: round(func(*http.Request) *http.Response {
					w := httptest.NewRecorder()
					w.Header().Set("Retry-After", said)
					w.WriteHeader(status)
					return w.Result()
				})})
				_, err := c.Do(t.Context(), Request{Method: "POST", URL: "https://other.example/"})
				var f *Failure
				if !errors.As(err, &f) || f.Status != status || f.RetryAfter != want {
					t.Errorf("%q with %d: %v, %+v", said, status, err, f)
				}
			}
		}
	})
}
