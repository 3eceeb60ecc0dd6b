package gatewaytest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// accepted is what a gateway answers to a message it takes, refused to one it never will, and inside tells that an answer
// of success is none.
var accepted, refused, inside = map[string]int{
	"mobyt": 201, "twilio": 201, "vonage": 202, "meta_cloud": 200, "webhook": 200,
}, map[string]int{
	"mobyt": 400, "twilio": 400, "vonage": 422, "meta_cloud": 400, "webhook": 400,
}, map[string]string{
	"mobyt": `"result":"Not enough credit"`, "twilio": `"error_code":30001`, "vonage": `"title":"Invalid message"`,
	"meta_cloud": `"error":{"code":131016`, "webhook": `"error":`,
}

// meet sends the right request to a fake in this mode and looks at both ends.
func meet(t *testing.T, f Fake, c *http.Client, a ask, mode Mode) {
	t.Helper()
	f.Behave(mode, Right)
	q, err := http.NewRequest(a.Method, a.URL, strings.NewReader(string(a.Body)))
	if err != nil {
		t.Fatal(err)
	}
	q.Header = a.Header
	res, err := c.Do(q)
	var text []byte
	var broke error
	status := 0
	if err == nil {
		text, broke = io.ReadAll(res.Body)
		res.Body.Close()
		status = res.StatusCode
	}
	taken, name := len(f.Taken()), f.Driver()
	switch mode {
	case Right:
		if status != accepted[name] || !json.Valid(text) || taken != 1 {
			t.Errorf("%d %s, %d taken, mistakes %q", status, text, taken, f.Mistakes())
		}
	case Unauthorized, Refused, Busy, Broken:
		want := map[Mode]int{Unauthorized: 401, Refused: refused[name], Busy: 429, Broken: 500}[mode]
		if status != want || taken != 0 {
			t.Errorf("%d, want %d; %d taken", status, want, taken)
		}
		if wait := res.Header.Get("Retry-After"); (wait == "7") != (mode == Busy) {
			t.Errorf("Retry-After %q", wait)
		}
	case Hang:
		if !timeout(err) || taken != 0 {
			t.Errorf("%v, %d taken", err, taken)
		}
	case Drip:
		if status != accepted[name] || !timeout(broke) || len(text) > int(c.Timeout/time.Second)+1 || taken != 1 {
			t.Errorf("%d %q, then %v, %d taken", status, text, broke, taken)
		}
	case Reset:
		if !errors.Is(err, syscall.ECONNRESET) || taken != 1 {
			t.Errorf("%v, %d taken", err, taken)
		}
	case ErrorInside:
		if status != accepted[name] || !strings.Contains(string(text), inside[name]) || (taken == 1) != (name == "webhook") {
			t.Errorf("%d %s, %d taken", status, text, taken)
		}
	case Malformed:
		if status != accepted[name] || len(text) == 0 || json.Valid(text) || taken != 1 {
			t.Errorf("%d %s, %d taken", status, text, taken)
		}
	}
	faults := 1
	if mode == Right {
		faults = 0
	}
	if f.Requests() != 1 || f.Faults() != faults || len(f.Mistakes()) != 0 {
		t.Errorf("%d requests, %d faults, mistakes %q", f.Requests(), f.Faults(), f.Mistakes())
	}
}

func timeout(err error) bool {
	var late interface{ Timeout() bool }
	return errors.As(err, &late) && late.Timeout()
}

func TestEveryGatewayFailsInEveryWayInABubble(t *testing.T) {
	for i, one := range All() {
		for _, mode := range Modes {
			t.Run(one.Driver()+"/"+mode.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := All()[i]
					meet(t, f, &http.Client{Transport: f, Timeout: 10 * time.Second}, right(t, f), mode)
				})
			})
		}
	}
}

// What the bubble plays, a socket does.
func TestEveryGatewayFailsInEveryWayOverASocket(t *testing.T) {
	for i, one := range All() {
		for _, mode := range Modes {
			t.Run(one.Driver()+"/"+mode.String(), func(t *testing.T) {
				t.Parallel()
				f := All()[i]
				s := httptest.NewServer(f)
				defer s.Close()
				a := right(t, f)
				rest := strings.SplitN(a.URL, "/", 4)[3]
				a.URL = s.URL + "/" + rest
				meet(t, f, &http.Client{Timeout: 300 * time.Millisecond}, a, mode)
			})
		}
	}
}

// The modes are met one after the other, and the last one stays.
func TestModesFollowEachOther(t *testing.T) {
	for _, f := range All() {
		f.Behave(Broken, Busy, Right)
		want := []int{500, 429, accepted[f.Driver()], accepted[f.Driver()]}
		for i, status := range want {
			if got, text := directly(t, f, right(t, f)); got != status {
				t.Errorf("%s: request %d: %d %s, want %d", f.Driver(), i, got, text, status)
			}
		}
		t.Logf("%s: %d requests, %d faults, %s", f.Driver(), f.Requests(), f.Faults(), f.Page())
		if f.Requests() != 4 || f.Faults() != 2 {
			t.Errorf("%s: %d requests, %d faults", f.Driver(), f.Requests(), f.Faults())
		}
	}
}

// Only a webhook knows that a message came before: to the others the second is a second message.
func TestAMessageSentTwice(t *testing.T) {
	for _, f := range All() {
		a := right(t, f)
		directly(t, f, a)
		directly(t, f, a)
		want := 2
		if f.Driver() == "webhook" {
			want = 1
		}
		if got := len(f.Taken()); got != want || len(f.Mistakes()) != 0 {
			t.Errorf("%s: %d taken, want %d; mistakes %q", f.Driver(), got, want, f.Mistakes())
		}
	}
}

func TestTheTransportKnowsItsHost(t *testing.T) {
	for _, f := range All() {
		for _, address := range []string{"https://gateway.elsewhere.example/", "http://api.twilio.com/"} {
			_, err := (&http.Client{Transport: f}).Get(address)
			own := f.Driver() == "mobyt" || f.Driver() == "webhook" // the operator says where these are
			if wrong := !own || strings.HasPrefix(address, "http:"); wrong != (err != nil) {
				t.Errorf("%s at %s: %v", f.Driver(), address, err)
			}
		}
	}
}
