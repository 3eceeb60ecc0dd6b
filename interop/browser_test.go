package interop

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// browser keeps cookies, follows redirects and meta refreshes, and sends forms; it presses the button of our form_post page as
// that page's script would.
type browser struct {
	t      *testing.T
	client *http.Client
	url    *url.URL
	status int
	body   []byte
	doc    *html.Node
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	return trusting(t, nil)
}

// trusting is a browser for which certificates signed by that authority are good.
func trusting(t *testing.T, roots *x509.CertPool) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var d net.Dialer
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return d.DialContext(ctx, network, "127.0.0.1:"+port) // every name here is this machine
	}
	return &browser{t: t, client: &http.Client{Jar: jar, Timeout: time.Minute, Transport: &http.Transport{
		DialContext: dial, TLSClientConfig: &tls.Config{RootCAs: roots},
	}}}
}

func (b *browser) open(to string) *browser {
	b.t.Helper()
	return b.send(http.MethodGet, to, nil)
}

func (b *browser) send(method, to string, form url.Values) *browser {
	b.t.Helper()
	r, err := http.NewRequest(method, to, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8") // Apache answers scripts otherwise
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", b.url.Scheme+"://"+b.url.Host)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if r.URL.Host != b.url.Host {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	b.url, b.status = resp.Request.URL, resp.StatusCode
	if b.body, err = io.ReadAll(resp.Body); err != nil {
		b.t.Fatal(err)
	}
	if b.doc, err = html.Parse(bytes.NewReader(b.body)); err != nil {
		b.t.Fatal(err)
	}
	for n := range b.doc.Descendants() {
		if n.Data == "meta" && strings.EqualFold(attr(n, "http-equiv"), "refresh") {
			if _, next, ok := strings.Cut(attr(n, "content"), "url="); ok {
				return b.open(b.resolve(next))
			}
		}
	}
	if b.step() == "form_post" {
		return b.submit("", nil)
	}
	return b
}

// weakened is a request for authorization after somebody took out of it all that asks for a level.
func weakened(to *url.URL) string {
	q := to.Query()
	for _, asks := range []string{"acr_values", "claims", "max_age"} {
		q.Del(asks)
	}
	q.Set("scope", strings.ReplaceAll(q.Get("scope"), " billing", ""))
	to.RawQuery = q.Encode()
	return to.String()
}

// leads is where an address sends the browser, which does not go there.
func (b *browser) leads(to string) *url.URL {
	b.t.Helper()
	once := *b.client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r, err := http.NewRequest(http.MethodGet, to, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	resp, err := once.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	resp.Body.Close()
	next, err := resp.Location()
	if err != nil {
		b.t.Fatalf("%s leads nowhere: %s", to, resp.Status)
	}
	return next
}

func (b *browser) resolve(ref string) string {
	b.t.Helper()
	u, err := b.url.Parse(ref)
	if err != nil {
		b.t.Fatal(err)
	}
	return u.String()
}

// submit sends the form whose action ends so, with its hidden fields.
func (b *browser) submit(action string, fields map[string]string) *browser {
	b.t.Helper()
	for n := range b.doc.Descendants() {
		if n.Data != "form" || !strings.HasSuffix(attr(n, "action"), action) {
			continue
		}
		form := url.Values{}
		for in := range n.Descendants() {
			if in.Data == "input" && attr(in, "type") == "hidden" {
				form.Set(attr(in, "name"), attr(in, "value"))
			}
		}
		for name, value := range fields {
			form.Set(name, value)
		}
		return b.send(http.MethodPost, b.resolve(attr(n, "action")), form)
	}
	b.t.Fatalf("no form %q on %s:\n%s", action, b.url, b.body)
	return nil
}

// wantStep fails the test unless the page of our server is that step.
func (b *browser) wantStep(step string) *browser {
	b.t.Helper()
	if b.step() != step {
		b.t.Fatalf("%s is not step %q:\n%s", b.url, step, b.body)
	}
	return b
}

// step is that of a page of our server, "" elsewhere.
func (b *browser) step() string {
	for n := range b.doc.Descendants() {
		if step := attr(n, "data-step"); n.Data == "main" && step != "" {
			return step
		}
	}
	return ""
}

// panel is what the panel's library made of the answer.
func (b *browser) panel() answer {
	b.t.Helper()
	var a answer
	if err := json.Unmarshal(b.body, &a); err != nil {
		b.t.Fatalf("%s: %v\n%s", b.url, err, b.body)
	}
	return a
}

type answer struct {
	Failed   string
	Claims   map[string]any
	Userinfo map[string]any
	Scope    string
	State    string
	Over     bool // the panel was told so
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
