package certification_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/html"
)

// browser is an automated browser: it keeps cookies, follows redirects and meta refreshes, finds fields and buttons by their
// ids and posts forms. It runs no scripts; the one button that a script would press, on the page of a form_post answer, it
// presses. What leads to a panel it does not follow: that is the answer.
type browser struct {
	t    *testing.T
	http *http.Client
	ip   string
	at   *url.URL
	res  *http.Response
	body string
	doc  *html.Node
	left *answer // to a panel; nil while the browser shows a page of ours
}

// answer is what a panel gets.
type answer struct {
	url   *url.URL
	query url.Values
	form  url.Values // of a form_post; nil = it came by query
}

// values are the parameters of the answer, however they came.
func (a *answer) values() url.Values {
	if a.form != nil {
		return a.form
	}
	return a.query
}

var browsers atomic.Int32

// newBrowser is one that nobody used before, at an address of its own: the limits per address are not what is tried here.
func newBrowser(t *testing.T) *browser {
	s := started(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := browsers.Add(1)
	return &browser{t: t, ip: fmt.Sprintf("198.51.%d.%d", 100+n/250, n%250+1), http: &http.Client{
		Transport: s.line, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// open follows a link.
func (b *browser) open(to string) *browser {
	b.t.Helper()
	b.visit(http.MethodGet, to, nil)
	return b
}

func (b *browser) visit(method, to string, form url.Values) {
	b.t.Helper()
	b.left = nil
	for range 20 {
		if strings.HasPrefix(to, theSuite.url()) && b.leaves(to, form) {
			return
		}
		b.send(method, to, form)
		switch next := b.next(); {
		case next != "":
			method, to, form = http.MethodGet, next, nil
		case b.step() == "form_post":
			f := b.form(b.byID("continue"))
			method, to, form = http.MethodPost, attr(f, "action"), b.fields(f)
		default:
			return
		}
	}
	b.t.Fatalf("it leads round and round: %s", b.at)
}

func (b *browser) leaves(to string, form url.Values) bool {
	u, err := url.Parse(to)
	if err != nil {
		b.t.Fatal(err)
	}
	b.left = &answer{u, u.Query(), form}
	return true
}

func (b *browser) send(method, to string, form url.Values) {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, to, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", b.ip)
	r.Header.Set("Accept-Language", "en")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", issuer)
	}
	res, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.at, b.res, b.body = res.Request.URL, res, string(text)
	if b.doc, err = html.Parse(strings.NewReader(b.body)); err != nil {
		b.t.Fatal(err)
	}
	if res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests {
		b.t.Fatalf("%s %s: %s\n%s", method, to, res.Status, b.body)
	}
}

// next is where the answer leads by itself; "" = nowhere.
func (b *browser) next() string {
	to := b.res.Header.Get("Location")
	if to == "" {
		meta := b.find(func(n *html.Node) bool { return n.Data == "meta" && attr(n, "http-equiv") == "refresh" })
		_, to, _ = strings.Cut(attr(meta, "content"), ";url=")
	}
	if to == "" {
		return ""
	}
	u, err := b.at.Parse(to)
	if err != nil {
		b.t.Fatal(err)
	}
	return u.String()
}

// press fills a form's fields, by id, and presses the button with that id.
func (b *browser) press(button string, fields ...string) *browser {
	b.t.Helper()
	pressed := b.byID(button)
	f := b.form(pressed)
	if f == nil || strings.ToLower(attr(f, "method")) != "post" {
		b.t.Fatalf("no form has the button %s at %s:\n%s", button, b.at, b.body)
	}
	form := b.fields(f)
	for i := 0; i+1 < len(fields); i += 2 {
		field := b.byID(fields[i])
		if field == nil || b.form(field) != f {
			b.t.Fatalf("no field %s at %s:\n%s", fields[i], b.at, b.body)
		}
		form.Set(attr(field, "name"), fields[i+1])
	}
	if name := attr(pressed, "name"); name != "" {
		form.Set(name, attr(pressed, "value"))
	}
	to, err := b.at.Parse(attr(f, "action"))
	if err != nil {
		b.t.Fatal(err)
	}
	b.visit(http.MethodPost, to.String(), form)
	return b
}

// answers goes through the pages as a person who signs in and allows what is asked, and returns what the panel gets.
func (b *browser) answers(person string) *answer {
	b.t.Helper()
	for range 5 {
		if b.left != nil {
			return b.left
		}
		switch b.step() {
		case "login":
			fields := []string{"password", password}
			if attr(b.byID("username"), "type") != "hidden" && !has(b.byID("username"), "readonly") {
				fields = append(fields, "username", person)
			}
			b.press("login-submit", fields...)
		case "consent":
			b.press("consent-allow")
		default:
			b.t.Fatalf("step %q at %s:\n%s", b.step(), b.at, b.body)
		}
	}
	b.t.Fatalf("no answer; the page is %s:\n%s", b.at, b.body)
	return nil
}

func (b *browser) step() string {
	return attr(b.find(func(n *html.Node) bool { return n.Data == "main" }), "data-step")
}

func (b *browser) byID(id string) *html.Node {
	return b.find(func(n *html.Node) bool { return attr(n, "id") == id })
}

func (b *browser) text(id string) string {
	n := b.byID(id)
	if n == nil {
		return ""
	}
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(out.String())
}

func (b *browser) find(is func(*html.Node) bool) *html.Node {
	for n := range b.doc.Descendants() {
		if n.Type == html.ElementNode && is(n) {
			return n
		}
	}
	return nil
}

// form is the one around an element.
func (b *browser) form(n *html.Node) *html.Node {
	for ; n != nil && n.Data != "form"; n = n.Parent {
	}
	return n
}

// fields are a form's inputs as they are.
func (b *browser) fields(form *html.Node) url.Values {
	out := url.Values{}
	for n := range form.Descendants() {
		if n.Data == "input" && attr(n, "name") != "" && !slices.Contains([]string{"checkbox", "radio", "submit"}, attr(n, "type")) {
			out.Set(attr(n, "name"), attr(n, "value"))
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return n != nil && slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}
