package servertest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// Fill writes value into the field with that label.
func (b *Browser) Fill(label, value string) *Browser {
	b.t.Helper()
	field := labelled(b.page.doc, label)
	if field == nil {
		b.t.Fatalf("%s: no field labelled %q on %s\n%s", b.Name, label, b.page.url, b.Text())
	}
	b.page.filled[field] = value
	return b
}

// FillID writes value into the field with that id; the ids are documented for automated browsers (docs/conventions.md).
func (b *Browser) FillID(id, value string) *Browser {
	b.t.Helper()
	field := byID(b.page.doc, id)
	if field == nil {
		b.t.Fatalf("%s: no field #%s on %s\n%s", b.Name, id, b.page.url, b.Text())
	}
	b.page.filled[field] = value
	return b
}

// Submit presses the button with that id, or sends the form with it.
func (b *Browser) Submit(id string) *Browser {
	b.t.Helper()
	n := byID(b.page.doc, id)
	if n == nil {
		b.t.Fatalf("%s: nothing with id %q on %s\n%s", b.Name, id, b.page.url, b.Text())
	}
	b.press(n)
	return b
}

// Click presses the link or button that reads so.
func (b *Browser) Click(label string) *Browser {
	b.t.Helper()
	n := find(b.page.doc, func(n *html.Node) bool {
		return is(n, "a", "button") && (text(n) == label || attr(n, "aria-label") == label)
	})
	if n == nil {
		b.t.Fatalf("%s: no link or button %q on %s\n%s", b.Name, label, b.page.url, b.Text())
	}
	b.press(n)
	return b
}

// Offers reports whether there is a link or button that reads so.
func (b *Browser) Offers(label string) bool {
	return find(b.page.doc, func(n *html.Node) bool {
		return is(n, "a", "button") && (text(n) == label || attr(n, "aria-label") == label)
	}) != nil
}

// press activates a link, a button or a form.
func (b *Browser) press(n *html.Node) {
	b.t.Helper()
	if is(n, "a") {
		b.visit(hop{method: http.MethodGet, to: b.resolve(b.page.url, attr(n, "href")), from: b.page.url})
		return
	}
	form, button := formOf(b.page.doc, n), n
	if is(n, "form") {
		form = n
		button = find(n, func(n *html.Node) bool { return is(n, "button") || attr(n, "type") == "submit" })
	}
	if form == nil {
		b.t.Fatalf("%s: #%s on %s belongs to no form", b.Name, attr(n, "id"), b.page.url)
	}
	action := attr(form, "action")
	if a := attr(button, "formaction"); a != "" {
		action = a
	}
	to, sent := b.resolve(b.page.url, action), values(b.page.doc, form, button, b.page.filled)
	if !strings.EqualFold(attr(form, "method"), "post") {
		to.RawQuery = sent.Encode()
		b.visit(hop{method: http.MethodGet, to: to, from: b.page.url, formAction: directive(b.page.header, "form-action")})
		return
	}
	b.visit(hop{method: http.MethodPost, to: to, from: b.page.url, body: sent, formAction: directive(b.page.header, "form-action")})
}

// Step is data-step of <main>: which step of a sign-in the page is.
func (b *Browser) Step() string {
	return attr(find(b.page.doc, func(n *html.Node) bool { return is(n, "main") }), "data-step")
}

// WantStep fails the test when the page is not that step.
func (b *Browser) WantStep(step string) *Browser {
	b.t.Helper()
	if got := b.Step(); got != step {
		b.t.Fatalf("%s: step %q on %s, want %q\n%s", b.Name, got, b.page.url, step, b.Text())
	}
	return b
}

// WantStatus fails the test when the page's status is another.
func (b *Browser) WantStatus(status int) *Browser {
	b.t.Helper()
	if b.page.status != status {
		b.t.Fatalf("%s: %s answered %d, want %d\n%s", b.Name, b.page.url, b.page.status, status, b.Text())
	}
	return b
}

// WantText fails the test when the page does not say so.
func (b *Browser) WantText(part string) *Browser {
	b.t.Helper()
	if !strings.Contains(b.Text(), part) {
		b.t.Fatalf("%s: %s does not say %q\n%s", b.Name, b.page.url, part, b.Text())
	}
	return b
}

// Text is what a person reads.
func (b *Browser) Text() string {
	if b.page.doc == nil {
		return string(b.page.body)
	}
	return text(b.page.doc)
}

// TextOf is what a person reads in the element with that id; "" when there is none.
func (b *Browser) TextOf(id string) string { return text(byID(b.page.doc, id)) }

// Has reports whether an element with that id is on the page.
func (b *Browser) Has(id string) bool { return byID(b.page.doc, id) != nil }

// Value is an attribute of the element with that id.
func (b *Browser) Value(id, name string) string { return attr(byID(b.page.doc, id), name) }

// named is the value of the first field of that name on the page; "" when there is none.
func (b *Browser) named(name string) string {
	return attr(find(b.page.doc, func(n *html.Node) bool { return is(n, "input") && attr(n, "name") == name }), "value")
}

// Links lists where the page's links lead.
func (b *Browser) Links() []string {
	var out []string
	for _, a := range all(b.page.doc, func(n *html.Node) bool { return is(n, "a") && attr(n, "href") != "" }) {
		out = append(out, b.resolve(b.page.url, attr(a, "href")).String())
	}
	return out
}

// Forms lists where the page's POST forms lead.
func (b *Browser) Forms() []string {
	var out []string
	for _, f := range all(b.page.doc, func(n *html.Node) bool { return is(n, "form") && strings.EqualFold(attr(n, "method"), "post") }) {
		out = append(out, b.resolve(b.page.url, attr(f, "action")).String())
	}
	return out
}

// URL is the address bar.
func (b *Browser) URL() *url.URL { return b.page.url }

// Status is the status of the answer shown.
func (b *Browser) Status() int { return b.page.status }

// Header is the header of the answer shown.
func (b *Browser) Header() http.Header { return b.page.header }

// Body is the answer shown, byte for byte.
func (b *Browser) Body() []byte { return b.page.body }

// Chain is how the page was reached: every hop of the last navigation.
func (b *Browser) Chain() []Exchange { return b.page.chain }

// Cookie is the current value of a cookie; "" when the browser has none.
func (b *Browser) Cookie(host, name string) string {
	for _, c := range b.jar.kept.Cookies(&url.URL{Scheme: "https", Host: host, Path: "/"}) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// Cookies are all cookies for a host.
func (b *Browser) Cookies(host string) []*http.Cookie {
	return b.jar.kept.Cookies(&url.URL{Scheme: "https", Host: host, Path: "/"})
}

// SetCookie plants a cookie, as an attacker with a foothold would.
func (b *Browser) SetCookie(host string, c *http.Cookie) {
	b.jar.store(&url.URL{Scheme: "https", Host: host, Path: "/"}, []*http.Cookie{c})
}

// Chosen is the option that a list with that id sends as it stands on the page.
func (b *Browser) Chosen(id string) string { return selected(byID(b.page.doc, id)) }

// JSON decodes the answer shown.
func (b *Browser) JSON(into any) {
	b.t.Helper()
	if err := json.Unmarshal(b.page.body, into); err != nil {
		b.t.Fatalf("%s: %v\n%s", b.page.url, err, b.page.body)
	}
}
