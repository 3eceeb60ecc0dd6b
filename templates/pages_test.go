package templates

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func newSet(t *testing.T, change ...func(*Brand)) *Set {
	t.Helper()
	b := Brand{Name: "Example Hosting", Accent: "#0b5fff", SupportPhone: "+39 0000 000000", Host: "sso.example.it", Has: everything,
		SupportURL: map[string]string{"it": "https://www.example.it/assistenza", "en": "https://www.example.it/support"}}
	for _, c := range change {
		c(&b)
	}
	s, err := New(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func parse(t *testing.T, raw []byte) *html.Node {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// elements are the elements of a document in order, all or those of the given names.
func elements(doc *html.Node, names ...string) []*html.Node {
	var found []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && (len(names) == 0 || slices.Contains(names, n.Data)) {
			found = append(found, n)
		}
	}
	return found
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func byID(doc *html.Node, id string) *html.Node {
	for _, n := range elements(doc) {
		if v, ok := attr(n, "id"); ok && v == id {
			return n
		}
	}
	return nil
}

func TestEveryFixtureIsAGoodPageInEveryLanguage(t *testing.T) {
	for _, dressed := range []*Set{newSet(t), newSet(t, func(b *Brand) { b.Dev, b.LogoSVG = true, "<svg xmlns='http://www.w3.org/2000/svg'/>" })} {
		for _, lang := range languages {
			for _, f := range fixtures(lang) {
				t.Run(lang+"/"+f.Name, func(t *testing.T) {
					raw, err := dressed.RenderFixture(f.Name, lang)
					if err != nil {
						t.Fatal(err)
					}
					for _, bad := range []string{"no value", "ZgotmplZ", "%!", "{{"} {
						if bytes.Contains(raw, []byte(bad)) {
							t.Errorf("page holds %q", bad)
						}
					}
					checkPage(t, parse(t, raw), lang)
				})
			}
		}
	}
}

// checkPage holds the rules of every page.
func checkPage(t *testing.T, doc *html.Node, lang string) {
	t.Helper()
	if got, _ := attr(elements(doc, "html")[0], "lang"); got != lang {
		t.Errorf("lang = %q", got)
	}
	for _, once := range []string{"h1", "main", "title", "header", "footer"} {
		if n := len(elements(doc, once)); n != 1 {
			t.Errorf("%d <%s>, want 1", n, once)
		}
	}
	if step, _ := attr(elements(doc, "main")[0], "data-step"); step == "" {
		t.Error("main without data-step")
	}
	if text(elements(doc, "h1")[0]) == "" {
		t.Error("empty h1")
	}

	ids := map[string]bool{}
	labels := map[string]bool{}
	for _, n := range elements(doc) {
		if id, ok := attr(n, "id"); ok {
			if ids[id] {
				t.Errorf("id %q twice", id)
			}
			ids[id] = true
		}
		if id, ok := attr(n, "for"); ok && n.Data == "label" && text(n) != "" {
			labels[id] = true
		}
	}
	for _, n := range elements(doc) {
		for _, a := range n.Attr {
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("<%s> has inline %s", n.Data, a.Key)
			case a.Key == "aria-describedby" || a.Key == "aria-controls" || a.Key == "aria-labelledby":
				for _, id := range strings.Fields(a.Val) {
					if !ids[id] {
						t.Errorf("%s names no element: %q", a.Key, id)
					}
				}
			case a.Key == "href" && strings.HasPrefix(a.Val, "#") && !ids[a.Val[1:]]:
				t.Errorf("link to no element: %q", a.Val)
			}
		}
		id, _ := attr(n, "id")
		kind, _ := attr(n, "type")
		switch n.Data {
		case "iframe": // nobody sees it, it goes nowhere else, and only the page of a sign-out has it
			_, hidden := attr(n, "hidden")
			sandbox, _ := attr(n, "sandbox")
			step, _ := attr(elements(doc, "main")[0], "data-step")
			if !hidden || sandbox != "allow-scripts allow-same-origin" || step != "logged_out" {
				t.Errorf("<iframe> of step %s: hidden %v, sandbox %q", step, hidden, sandbox)
			}
		case "style", "object", "embed", "base":
			t.Errorf("<%s> on a page", n.Data)
		case "script":
			if src, _ := attr(n, "src"); !strings.HasPrefix(src, StaticPath) || n.FirstChild != nil {
				t.Error("a script that is not ours")
			}
		case "input":
			name, _ := attr(n, "name")
			if kind != "hidden" && (!labels[id] || id != name) {
				t.Errorf("input %q (name %q) without label or with another name", id, name)
			}
			if _, ok := attr(n, "maxlength"); ok || kind == "number" {
				t.Errorf("input %q hinders pasting", id)
			}
			if v, ok := attr(n, "value"); ok && (kind == "password" || name == "otp") {
				t.Errorf("input %q echoes %q", id, v)
			}
		case "img":
			if _, ok := attr(n, "alt"); !ok {
				t.Error("picture without text alternative")
			}
		case "a", "button", "summary":
			if text(n) == "" {
				t.Errorf("<%s id=%q> without text", n.Data, id)
			}
		case "form":
			if m, _ := attr(n, "method"); m != "post" {
				t.Errorf("form method %q", m)
			}
		}
	}
	// An error is seen first, has the focus, and is announced by the title.
	if summary := byID(doc, "error-summary"); summary != nil {
		first := ""
		for c := range elements(doc, "main")[0].ChildNodes() {
			if c.Type == html.ElementNode {
				first, _ = attr(c, "id")
				break
			}
		}
		role, _ := attr(summary, "role")
		focusable, _ := attr(summary, "tabindex")
		if first != "error-summary" || role != "alert" || focusable != "-1" {
			t.Errorf("error summary: first is %q, role %q, tabindex %q", first, role, focusable)
		}
		if title := text(elements(doc, "title")[0]); !strings.HasPrefix(title, map[string]string{"it": "Errore:", "en": "Error:"}[lang]) {
			t.Errorf("title of an error: %q", title)
		}
		for _, link := range elements(summary, "a") {
			href, _ := attr(link, "href")
			if field := byID(doc, href[1:]); field != nil {
				if v, _ := attr(field, "aria-invalid"); v != "true" {
					t.Errorf("field %q is not marked invalid", href)
				}
			}
		}
	}
}

func TestAutomatedBrowsersFindTheirIDs(t *testing.T) {
	s := newSet(t)
	for _, c := range []struct {
		fixture, step string
		ids           []string
		actions       []string
	}{
		{"signin", "login", []string{"login-title", "username", "password", "login-submit", "cancel", "support-link"},
			[]string{"/password", "/social/google", "/social/facebook", "/cancel"}},
		{"signin-providers", "login", []string{"login-title", "cancel"}, []string{"/social/google", "/social/facebook", "/cancel"}},
		{"code-email", "otp", []string{"otp", "otp-submit", "resend", "cancel", "why"}, []string{"/code", "/send", "/way", "/enrol", "/cancel"}},
		{"code-offer", "otp", []string{"otp", "otp-submit", "skip", "cancel"}, []string{"/code", "/skip", "/send", "/cancel"}},
		{"code-totp", "otp", []string{"otp", "otp-submit", "cancel"}, []string{"/code", "/way", "/cancel"}},
		{"enrol-skip", "enrol", []string{"cancel", "skip"}, []string{"/enrol", "/skip", "/cancel"}},
		{"enrol-totp", "enrol_totp", []string{"otp", "otp-submit", "cancel"}, []string{"/enrol/confirm", "/cancel"}},
		{"recovery-codes", "recovery_codes", []string{"recovery-codes", "otp", "otp-submit"}, []string{"/recovery/confirm"}},
		{"recovery-start", "recovery", []string{"recovery-show", "cancel"}, []string{"/recovery", "/cancel"}},
		{"forgot", "forgot", []string{"username", "forgot-submit", "back"}, []string{"/forgot"}},
		{"set-password", "set_password", []string{"username", "password", "password-submit"}, []string{"/password/reset"}},
		{"not-me", "not_me", []string{"not-me", "cancel"}, []string{"/not-me"}},
		{"failure-unknown_client", "error", []string{"error-code", "error-ref", "support-link"}, nil},
		{"support", "support", []string{"support-phone", "support-url", "error-ref"}, nil},
	} {
		raw, err := s.RenderFixture(c.fixture, "it")
		if err != nil {
			t.Fatal(err)
		}
		doc := parse(t, raw)
		if step, _ := attr(elements(doc, "main")[0], "data-step"); step != c.step {
			t.Errorf("%s: step %q, want %q", c.fixture, step, c.step)
		}
		for _, id := range c.ids {
			if byID(doc, id) == nil {
				t.Errorf("%s: no #%s", c.fixture, id)
			}
		}
		var actions []string
		for _, form := range elements(doc, "form") {
			a, _ := attr(form, "action")
			actions = append(actions, strings.TrimPrefix(a, "/login/q7Fv2mXo"))
		}
		if !slices.Equal(actions, c.actions) {
			t.Errorf("%s: forms go to %q, want %q", c.fixture, actions, c.actions)
		}
	}

	raw, _ := s.RenderFixture("signout", "it")
	doc := parse(t, raw)
	if action, _ := attr(elements(doc, "form")[0], "action"); action != "/end_session/confirm" || byID(doc, "logout-confirm") == nil {
		t.Errorf("sign-out form: %s", raw)
	}
	raw, _ = s.RenderFixture("signed-out", "it")
	if doc = parse(t, raw); byID(doc, "logged-out") == nil || len(elements(doc, "form")) != 0 {
		t.Errorf("signed-out page: %s", raw)
	}
	raw, _ = s.RenderFixture("failure-not_found", "en")
	if code := text(byID(parse(t, raw), "error-code")); code != "not_found" {
		t.Errorf("error-code = %q", code)
	}
	raw, _ = s.RenderFixture("form-post", "en")
	doc = parse(t, raw)
	if forms := elements(doc, "form"); len(forms) != 1 || byID(doc, "continue") == nil || len(elements(forms[0], "input")) != 3 {
		t.Errorf("form_post page: %s", raw)
	}
}

func TestAStepSaysWhyWhereAndHowLong(t *testing.T) {
	s := newSet(t)
	for _, c := range []struct{ fixture, lang, want string }{
		{"code-email", "it", "Per entrare in DNS e impostazioni tecniche serve un codice."},
		{"code-email", "it", "non te lo chiederemo più finché non esci"},
		{"code-email", "it", "Abbiamo inviato il codice a m•••@e•••.it. Vale 10 minuti."},
		{"code-email", "it", "Annulla e torna su DNS"},
		{"code-email", "en", "A code is needed to open DNS and technical settings."},
		{"code-areas", "en", "A code is needed to open these areas: DNS and technical settings Billing and contact details"},
		{"code-areas", "en", "you won’t be asked again for 15 minutes"},
		{"code-first-social", "it", "per le aree riservate servirà di nuovo un codice."},
		{"code-totp", "it", "hai scelto di usare un secondo passaggio a ogni accesso"},
		{"signin-wait", "it", "Troppi tentativi. Riprova tra 2 minuti."},
		{"failure-unavailable", "en", "try again in 3 seconds"},
	} {
		raw, err := s.RenderFixture(c.fixture, c.lang)
		if err != nil {
			t.Fatal(err)
		}
		if got := text(elements(parse(t, raw), "body")[0]); !strings.Contains(got, c.want) {
			t.Errorf("%s in %s does not say %q:\n%s", c.fixture, c.lang, c.want, got)
		}
	}
}

func TestLanguageLinksKeepThePage(t *testing.T) {
	s := newSet(t)
	for _, c := range []struct {
		page any
		want string // of the English link; "" = none
	}{
		{SignIn{Page: Page{Request: "/login/abc"}, Password: true}, "/login/abc?lang=en"},
		{SignOut{Page: Page{Request: "/end_session/confirm", Self: "/end_session/confirm?id=1&lang=it"}, Confirm: true}, "/end_session/confirm?id=1&lang=en"},
		{SignOut{Page: Page{Request: "/end_session/confirm"}, Confirm: true}, "?lang=en"},
		{Failure{Text: "not_found"}, "?lang=en"},
		{Failure{Page: Page{Self: "https://evil.example/"}, Text: "not_found"}, "?lang=en"},
		{Failure{Page: Page{Self: "//evil.example/x"}, Text: "not_found"}, "?lang=en"},
		{FormPost{Action: "https://rp.example/cb"}, ""},
		{Leave{URL: "https://rp.example/cb"}, ""},
	} {
		var b bytes.Buffer
		if err := s.Render(&b, c.page); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, a := range elements(parse(t, b.Bytes()), "a") {
			if l, _ := attr(a, "hreflang"); l == "en" {
				got, _ = attr(a, "href")
			}
		}
		if got != c.want {
			t.Errorf("%T: %q, want %q", c.page, got, c.want)
		}
	}
}

func TestAnErrorLeavesNoHalfPage(t *testing.T) {
	s := newSet(t)
	for _, page := range []any{nil, 1, struct{ Page }{}, (*SignIn)(nil), CodeMessage{}} {
		var b bytes.Buffer
		if err := s.Render(&b, page); err == nil || b.Len() != 0 {
			t.Errorf("%T: err %v, %d bytes written", page, err, b.Len())
		}
	}
	if err := s.Render(failing{}, Support{}); !errors.Is(err, errFull) {
		t.Errorf("a writer's error is %v", err)
	}
}

var errFull = errors.New("full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestRenderingChangesNoPage(t *testing.T) {
	s := newSet(t)
	p := &Failure{Page: Page{Lang: "xx"}, Text: "not_found"}
	if err := s.Render(&bytes.Buffer{}, p); err != nil {
		t.Fatal(err)
	}
	if p.Lang != "xx" || p.Title != "" || p.Step != "" {
		t.Errorf("changed to %+v", p)
	}
}
