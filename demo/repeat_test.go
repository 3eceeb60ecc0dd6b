package demo

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	onwards = regexp.MustCompile(`http-equiv="refresh" content="0;url=([^"]+)"`)
	hidden  = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// walker is a visitor who follows the pages that lead on by themselves.
type walker struct {
	t    *testing.T
	http *http.Client
	url  *url.URL
	body string
}

func (w *walker) open(address string) *walker {
	w.t.Helper()
	res, err := w.http.Get(address)
	return w.read(res, err)
}

// send posts a form of the page, with its hidden fields.
func (w *walker) send(path string, form url.Values) *walker {
	w.t.Helper()
	for _, f := range hidden.FindAllStringSubmatch(w.body, -1) {
		if !form.Has(f[1]) {
			form.Set(f[1], f[2])
		}
	}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.url.ResolveReference(&url.URL{Path: path}).String(), strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", w.url.Scheme+"://"+w.url.Host)
	res, err := w.http.Do(req)
	return w.read(res, err)
}

func (w *walker) read(res *http.Response, err error) *walker {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		w.t.Fatal(err)
	}
	w.url, w.body = res.Request.URL, string(b)
	if m := onwards.FindStringSubmatch(w.body); m != nil {
		return w.open(strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(m[1]))
	}
	return w
}

// Whoever liked the walk walks again at once, and shows it to others. The third time the page said to wait for a minute,
// and the tenth for an hour: the pace that keeps mailboxes from being filled, where there is no mailbox.
func TestQ41TheWalkCanBeRepeatedAtOnce(t *testing.T) {
	at := running(t, Options{})
	anna := at.Customers[0]
	for i := range 12 {
		c := visitor(t)
		c.CheckRedirect = nil
		w := &walker{t: t, http: c}
		w.open(at.Panel + "/login")
		w.send(w.url.Path+"/password", url.Values{"username": {anna.Username}, "password": {anna.Password}})
		w.open(at.Panel + "/dns")
		if !strings.Contains(w.body, `id="otp"`) {
			t.Fatalf("walk %d: no code was sent\n%s", i+1, w.body)
		}
		for deadline := time.Now().Add(10 * time.Second); codes(at, anna.Email) != i+1 && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
		w.send(w.url.Path+"/code", url.Values{"otp": {codeFor(t, at, anna.Email)}})
		if !strings.Contains(w.body, `data-area="dns"`) {
			t.Fatalf("walk %d: DNS is not open\n%s", i+1, w.body)
		}
		w.send("/sign-out", url.Values{})
		time.Sleep(time.Second) // nobody is quicker
	}
}
