package templates

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// fill sets every string of a page to s, every slice and map to two elements, every number to 1 and every bool to b.
func fill(v reflect.Value, s string, b bool) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		v.SetBool(b)
	case reflect.Int:
		v.SetInt(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), s, b)
	case reflect.Interface:
		v.Set(reflect.ValueOf(s))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), s, b)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), s, b)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{s, "Provider"} {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(e, s, b)
			v.SetMapIndex(reflect.ValueOf(key), e)
		}
	}
}

// shape is a page without its texts and values: element names and attribute names in order.
func shape(doc *html.Node) []string {
	var out []string
	for _, n := range elements(doc) {
		names := []string{n.Data}
		for _, a := range n.Attr {
			names = append(names, a.Key)
		}
		out = append(out, strings.Join(names, " "))
	}
	return out
}

var everyPage = []any{&SignIn{}, &CodePage{}, &EnrolStart{}, &EnrolKey{}, &SignOut{}, &Failure{}, &Leave{}, &FormPost{}, &Support{}}

// W04: markup in any field stays text, and no field makes a link run script.
func TestNoFieldBreaksOutOfItsPlace(t *testing.T) {
	hostile := []string{`<script>x</script>"'`, `"><img src=x onerror=alert(1)>`, "javascript:alert(1)", " javascript:alert(1)", "JaVaScRiPt:alert(1)",
		"data:text/html,<script>x</script>", "vbscript:x", `' onfocus='x`, "\x02<b>\x03", "--></main><h1>", "https://a/\"onload=x", "//evil.example", "\\\\evil.example"}
	s := newSet(t)
	for _, page := range everyPage {
		for _, b := range []bool{false, true} {
			for _, method := range []string{"", "totp", "email"} {
				// The method decides which branch is taken, so it is kept the same for both.
				render := func(text string) *html.Node {
					p := reflect.New(reflect.TypeOf(page).Elem())
					fill(p.Elem(), text, b)
					if m := p.Elem().FieldByName("Method"); m.IsValid() && method != "" {
						m.SetString(method)
					}
					var buf bytes.Buffer
					if err := s.Render(&buf, p.Interface()); err != nil {
						t.Fatalf("%T with %q: %v", page, text, err)
					}
					return parse(t, buf.Bytes())
				}
				plain, address := shape(render("plain")), shape(render("https://plain.example/"))
				for _, text := range hostile {
					doc, want := render(text), plain
					if strings.HasPrefix(text, "https:") { // leads somewhere, so Leave has its meta refresh
						want = address
					}
					if got := shape(doc); !slices.Equal(got, want) {
						t.Errorf("%T: %q changed the page's elements:\n%q\n%q", page, text, got, want)
					}
					for _, n := range elements(doc) {
						for _, a := range n.Attr {
							v := strings.ToLower(strings.TrimSpace(a.Val))
							switch a.Key {
							case "href", "action", "src", "formaction", "content":
								v = strings.TrimPrefix(strings.TrimPrefix(v, "0;url="), "2;url=")
								image := n.Data == "img" && strings.HasPrefix(v, "data:image/svg+xml;base64,")
								for _, scheme := range []string{"javascript:", "data:", "vbscript:"} {
									if strings.HasPrefix(v, scheme) && !image {
										t.Errorf("%T: %q became %s=%q", page, text, a.Key, a.Val)
									}
								}
							}
						}
					}
				}
			}
		}
	}
}

func TestLinksLeadOnlyWhereTheyMay(t *testing.T) {
	for raw, ok := range map[string]bool{
		"https://rp.example/cb?code=a&state=b%20c": true, "http://127.0.0.1:1234/cb": true, "com.example.app:/cb?code=x": true, "/login": true,
		"javascript:alert(1)": false, "data:text/html,x": false, "//evil.example": false, `/\evil.example`: false, "https:///x": false, "login": false,
		"https://rp.example/\n": false, "": false, "%zz": false, "myapp://cb": false,
	} {
		if got := destination(raw); (got == raw) != ok {
			t.Errorf("%q → %q", raw, got)
		}
	}
}

func TestLeaveRefreshesToTheExactURL(t *testing.T) {
	const to = `https://rp.example/cb?a=1;b=2&state='"<x>&iss=https%3A%2F%2Fsso.example.it`
	var b bytes.Buffer
	if err := newSet(t).Render(&b, &Leave{URL: to}); err != nil {
		t.Fatal(err)
	}
	doc := parse(t, b.Bytes())
	for _, m := range elements(doc, "meta") {
		if eq, _ := attr(m, "http-equiv"); eq == "refresh" {
			if got, _ := attr(m, "content"); got != "0;url="+to {
				t.Errorf("refresh to %q", got)
			}
			return
		}
	}
	t.Error("no meta refresh")
}

func TestPolicyLetsOnlyTheFormPostPageLeaveTheOrigin(t *testing.T) {
	s := newSet(t)
	for _, c := range []struct {
		page any
		want string
	}{
		{SignIn{}, "'self'"}, {&Failure{}, "'self'"}, {Leave{URL: "https://rp.example/cb"}, "'self'"},
		{FormPost{Action: "https://rp.example/cb?x=1"}, "https://rp.example/cb"},
		{&FormPost{Action: "https://rp.example:8443"}, "https://rp.example:8443"},
		{FormPost{Action: "https://rp.example/a;b,c"}, "https://rp.example/a%3Bb%2Cc"},
		{FormPost{Action: "https://rp.example/; script-src *"}, "https://rp.example/%3B%20script-src%20%2A"},
		{SignOut{Frames: []string{"https://a.example:8443/out?x=1", "https://a.example:8443/other", "https://b.example/"}}, "'self'; frame-src https://a.example:8443 https://b.example"},
		{&SignOut{Frames: []string{"https://*/", "javascript:x", "https://a.example;x/"}}, "'self'"},
		{FormPost{Action: "https://*/"}, "'none'"}, {FormPost{Action: "javascript:x"}, "'none'"}, {FormPost{}, "'none'"},
	} {
		got := s.CSP(c.page)
		if !strings.HasSuffix(got, "; form-action "+c.want) || !strings.HasPrefix(got, "default-src 'none';") || strings.Contains(got, "unsafe") {
			t.Errorf("%#v: %s", c.page, got)
		}
	}
}
