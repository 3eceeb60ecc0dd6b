package servertest

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Browser is what a person sits in front of: it keeps cookies, follows 302, 303 and meta refresh, fills fields by their
// label and posts forms. It runs no scripts, so every journey also proves that none is needed; the one exception is the
// form_post page, whose button it presses by itself as that page's script would.
//
// It is as strict as Chromium where our security rests on the browser: SameSite, __Host-, Sec-Fetch-Site and Origin,
// and form-action over the whole redirect chain of a form. And it holds what must be true of every answer: a POST is
// never answered by 307 or 308 (A14), nothing is a 5xx unless [Browser.Faults] says so.
type Browser struct {
	Name      string
	IP        string // RemoteAddr without port
	UserAgent string
	Lang      string // Accept-Language
	Faults    bool   // a 5xx is expected

	t    testing.TB
	net  *Net
	jar  *jar
	log  *transcript
	page page
}

// page is what a tab shows.
type page struct {
	url      *url.URL
	status   int
	header   http.Header
	body     []byte
	doc      *html.Node
	filled   map[*html.Node]string
	chain    []Exchange // how it was reached
	referrer string     // Referrer-Policy
}

// maxHops bounds redirects, meta refreshes and auto-posts of one navigation.
const maxHops = 20

// NewBrowser returns a browser without cookies.
func (n *Net) NewBrowser(t testing.TB, name string) *Browser {
	b := &Browser{
		Name: name, IP: "203.0.113.7", Lang: "en", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		t: t, net: n, jar: newJar(t), log: transcriptOf(t),
	}
	return b
}

// Tab opens a second tab of the same browser: cookies are shared, the page is its own.
func (b *Browser) Tab(name string) *Browser {
	tab := *b
	tab.Name, tab.page = b.Name+"/"+name, page{}
	return &tab
}

// Open types an address.
func (b *Browser) Open(address string) *Browser {
	b.t.Helper()
	b.visit(hop{method: http.MethodGet, to: b.parse(address)})
	return b
}

// Post sends a form that no page of ours offered: from is the page it is sent from, nil for a program that pretends to
// be a browser (neither Origin nor Sec-Fetch-Site). Unless the form says otherwise, it carries the tag of the last page
// of ours that this browser showed, as that page's own form would.
func (b *Browser) Post(from *url.URL, address string, form url.Values) *Browser {
	b.t.Helper()
	form = b.tagged(form)
	b.visit(hop{method: http.MethodPost, to: b.parse(address), from: from, body: form})
	return b
}

// Do sends one request and follows nothing; the page shown becomes its answer.
func (b *Browser) Do(method, address string, form url.Values) *Browser {
	b.t.Helper()
	if method == http.MethodPost {
		form = b.tagged(form)
	}
	b.visit(hop{method: method, to: b.parse(address), from: b.page.url, body: form, stay: true})
	return b
}

// Tag is what the forms of the last page of ours say of whom it showed.
func (b *Browser) Tag() string { return b.jar.tagged("") }

func (b *Browser) tagged(form url.Values) url.Values {
	tag := b.Tag()
	if _, said := form["shown"]; said || tag == "" {
		return form
	}
	form = maps.Clone(form)
	if form == nil {
		form = url.Values{}
	}
	form.Set("shown", tag)
	return form
}

// hop is one request of a navigation.
type hop struct {
	method     string
	to, from   *url.URL
	body       url.Values
	formAction string // form-action of the page whose form began this chain; "" = none
	relation   string
	stay       bool
}

func (b *Browser) visit(h hop) {
	b.t.Helper()
	h.relation = relation(h.from, h.to)
	referrer := b.page.referrer
	var chain []Exchange
	for range maxHops {
		b.allowed(h)
		res, body := b.send(h, referrer)
		chain = append(chain, Exchange{h.method, h.to.String(), res.StatusCode, res.Header})
		b.log.note(b.Name, h.method, h.to, res, body)
		b.check(h, res, body)
		b.page = page{url: h.to, status: res.StatusCode, header: res.Header, body: body, filled: map[*html.Node]string{}, chain: chain, referrer: res.Header.Get("Referrer-Policy")}
		if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			doc, err := html.Parse(bytes.NewReader(body))
			if err != nil {
				b.t.Fatalf("%s: %v", h.to, err)
			}
			b.page.doc = doc
			b.jar.tagged(b.named("shown"))
		}
		next, ok := b.next(h, res)
		if !ok || h.stay {
			return
		}
		h = next
	}
	b.t.Fatalf("%s: more than %d hops, last %s", b.Name, maxHops, b.page.url)
}

// next says where the answer leads by itself.
func (b *Browser) next(h hop, res *http.Response) (hop, bool) {
	if location := res.Header.Get("Location"); location != "" && res.StatusCode/100 == 3 {
		to := b.resolve(h.to, location)
		next := hop{method: http.MethodGet, to: to, from: h.from, formAction: h.formAction}
		next.relation = worse(h.relation, relation(h.from, to))
		if h.from == nil {
			next.relation = "none"
		}
		return next, true
	}
	if to, ok := b.refresh(); ok {
		return hop{method: http.MethodGet, to: to, from: h.to, relation: relation(h.to, to)}, true
	}
	if form := b.autoForm(); form != nil {
		to := b.resolve(h.to, attr(form, "action"))
		return hop{
			method: http.MethodPost, to: to, from: h.to, body: values(b.page.doc, form, nil, nil),
			formAction: directive(b.page.header, "form-action"), relation: relation(h.to, to),
		}, true
	}
	return hop{}, false
}

// refresh finds a meta refresh without delay.
func (b *Browser) refresh() (*url.URL, bool) {
	m := find(b.page.doc, func(n *html.Node) bool {
		return is(n, "meta") && strings.EqualFold(attr(n, "http-equiv"), "refresh")
	})
	delay, target, ok := strings.Cut(attr(m, "content"), ";")
	if m == nil || !ok || strings.TrimSpace(delay) != "0" {
		return nil, false
	}
	target = strings.TrimSpace(target)
	if len(target) < 4 || !strings.EqualFold(target[:4], "url=") {
		return nil, false
	}
	return b.resolve(b.page.url, strings.Trim(target[4:], `'"`)), true
}

// autoForm finds the form of the form_post page: the one that leaves for another origin.
func (b *Browser) autoForm() *html.Node {
	if b.Step() != "form_post" && b.Step() != "form-post" {
		return nil
	}
	return find(b.page.doc, func(n *html.Node) bool { return is(n, "form") && strings.EqualFold(attr(n, "method"), "post") })
}

func (b *Browser) parse(address string) *url.URL {
	b.t.Helper()
	if b.page.url != nil {
		return b.resolve(b.page.url, address)
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		b.t.Fatalf("no address: %q (%v)", address, err)
	}
	return u
}

func (b *Browser) resolve(base *url.URL, ref string) *url.URL {
	b.t.Helper()
	u, err := base.Parse(ref)
	if err != nil {
		b.t.Fatal(fmt.Errorf("link %q on %s: %w", ref, base, err))
	}
	return u
}
