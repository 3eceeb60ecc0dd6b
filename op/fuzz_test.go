package op

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/web"
)

// FuzzRedirectMatcher: whatever matches is a registered URI, or one that a URL parser, too, takes for the same loopback
// address.
func FuzzRedirectMatcher(f *testing.F) {
	for _, s := range []string{callback, "http://127.0.0.1/cb", "http://127.0.0.1:80/cb", "http://127.0.0.1:80@evil/cb", "http://[::1]:9/cb", "https://rp.example%2f/cb"} {
		f.Add(s)
	}
	list := []string{callback, "http://127.0.0.1/cb", "http://[::1]:1/cb?x=1", "com.example:/cb"}
	f.Fuzz(func(t *testing.T, uri string) {
		if registered(uri, list, false) && !slices.Contains(list, uri) {
			t.Errorf("web client: %q", uri)
		}
		if !registered(uri, list, true) || slices.Contains(list, uri) {
			return
		}
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "http" || u.User != nil || u.Fragment != "" || u.Hostname() != "127.0.0.1" && u.Hostname() != "::1" || u.Path != "/cb" {
			t.Errorf("native client: %q (%v)", uri, err)
		}
	})
}

// FuzzAuthorizeParser: any query gives a request, a page, or a redirect to a registered URI with a sound state; decoding
// happens once.
func FuzzAuthorizeParser(f *testing.F) {
	f.Add(request().Encode())
	f.Add("client_id=rp1&redirect_uri=https%3A%2F%2Frp.example%2Fcb&claims=%7B%22id_token%22%3Anull%7D&max_age=0&prompt=none")
	f.Add("client_id=rp1&client_id=rp1&%zz=%00&=&&a;b=c")
	v := newView(testConfig())
	f.Fuzz(func(t *testing.T, raw string) {
		q := parseParams(raw)
		for name, value := range q.values {
			if !clean(name) || !clean(value) || value == "" {
				t.Errorf("%q=%q", name, value)
			}
		}
		a, err := v.readAuthorization(q)
		if page := (*web.Error)(nil); errors.As(err, &page) {
			return
		}
		if !slices.Contains(a.panel.RedirectURIs, a.RedirectURI) && !a.panel.Native {
			t.Errorf("%q", a.RedirectURI)
		}
		if refused := (*refusal)(nil); err != nil && !errors.As(err, &refused) {
			t.Errorf("%v", err)
		}
		location := withQuery(a.RedirectURI, []field{{"state", a.State}})
		if strings.ContainsAny(location, "\r\n\x00") {
			t.Errorf("%q", location)
		}
		if u, err := url.Parse(location); err != nil || u.Query().Get("state") != a.State {
			t.Errorf("state %q does not survive %q", a.State, location)
		}
	})
}
