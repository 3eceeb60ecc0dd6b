package op

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// loopbackURI is RFC 8252 §7.3 written as a pattern: an oracle that shares no line with the matcher.
var loopbackURI = regexp.MustCompile(`^(http://(?:127\.0\.0\.1|\[::1\]))(?::([0-9]{1,5}))?((?:[/?][^#\\]*)?)$`)

// mayReturn says whether uri stands in list, or is a native client's loopback address with another port.
func mayReturn(uri string, list []string, native bool) bool {
	if slices.Contains(list, uri) {
		return uri != ""
	}
	asked := loopbackURI.FindStringSubmatch(uri)
	if !native || asked == nil {
		return false
	}
	if asked[2] != "" {
		if _, err := netip.ParseAddrPort("127.0.0.1:" + asked[2]); err != nil {
			return false
		}
	}
	return slices.ContainsFunc(list, func(r string) bool {
		known := loopbackURI.FindStringSubmatch(r)
		return known != nil && known[1] == asked[1] && known[3] == asked[3]
	})
}

// FuzzRedirectMatcher: what matches is registered byte for byte, or a native client's loopback address with another port;
// and what a URL parser makes of that is the same machine.
func FuzzRedirectMatcher(f *testing.F) {
	for _, s := range []string{
		callback, "http://127.0.0.1/cb", "http://127.0.0.1:80/cb", "http://127.0.0.1:80@evil/cb", "http://[::1]:9/cb", "https://rp.example%2f/cb",
		"http://127.0.0.1:0/cb", "http://127.0.0.1:00080/cb", "http://[::1]:1/cb?x=1", "http://[::1]:7/cb?x=1#", "http://[::1%25lo]/cb", "HTTP://127.0.0.1/cb",
	} {
		f.Add(s)
	}
	list := []string{callback, "http://127.0.0.1/cb", "http://[::1]:1/cb?x=1", "http://127.0.0.1:9?q", "com.example:/cb"}
	f.Fuzz(func(t *testing.T, uri string) {
		for _, native := range []bool{false, true} {
			if got, want := registered(uri, list, native), mayReturn(uri, list, native); got != want {
				t.Errorf("native %v: %q matches: %v, want %v", native, uri, got, want)
			}
		}
		if !registered(uri, list, true) || slices.Contains(list, uri) {
			return
		}
		if u, err := url.Parse(uri); err == nil && (u.Scheme != "http" || u.User != nil || u.Fragment != "" || u.Hostname() != "127.0.0.1" && u.Hostname() != "::1") {
			t.Errorf("elsewhere: %q", uri)
		}
	})
}

// decoded is application/x-www-form-urlencoded text, read once and by nobody's library.
func decoded(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b.WriteByte(' ')
		case s[i] != '%':
			b.WriteByte(s[i])
		case i+2 >= len(s):
			return "", false
		default:
			high, low := strings.IndexByte(hexDigits, s[i+1]|0x20), strings.IndexByte(hexDigits, s[i+2]|0x20)
			if high < 0 || low < 0 || s[i+1] < '0' || s[i+2] < '0' {
				return "", false
			}
			b.WriteByte(byte(high<<4 | low))
			i += 2
		}
	}
	return b.String(), true
}

const hexDigits = "0123456789abcdef"

// sent returns every value of a parameter in a query that is not empty.
func sent(query, name string) (values []string) {
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		k, ok := decoded(key)
		v, sound := decoded(value)
		if ok && sound && k == name && v != "" {
			values = append(values, v)
		}
	}
	return values
}

// goText is what errors of Go's own libraries look like; RFC 6749 §4.1.2.1 says which characters a description may have.
var (
	goText      = regexp.MustCompile(`(?i)\b(json|strconv|url|net|http|mime|utf8|base64|oidc|op|runtime): |strconv\.|invalid (character|syntax|URL)|unexpected end|cannot unmarshal|goroutine|0x[0-9a-f]{6}`)
	description = regexp.MustCompile(`^[\x20-\x21\x23-\x5B\x5D-\x7E]*$`)
)

// FuzzAuthorizeParser: any query gives a request, a page, or a redirect to a registered URI. What is accepted was sent,
// once, and reads the same when it comes back; lists are what strings.Fields makes of them; and no error says more than
// our own words.
func FuzzAuthorizeParser(f *testing.F) {
	f.Add(authRequest().Encode())
	f.Add("client_id=rp1&redirect_uri=https%3A%2F%2Frp.example%2Fcb&claims=%7B%22id_token%22%3Anull%7D&max_age=0&prompt=none")
	f.Add("client_id=rp1&client_id=rp1&%zz=%00&=&&a;b=c")
	f.Add(authRequest("state", "a b+c&d=e%20#/?;", "acr_values", " mfa\u00a0sfa \u2028 phr  ", "prompt", "login  consent ").Encode())
	f.Add(authRequest("client_id", "rp3", "redirect_uri", "http://127.0.0.1:7/cb", "claims", `{"id_token":{"acr":{"essential":true,"values":["mfa"]}}`).Encode())
	f.Add(authRequest("client_id", "rp3", "redirect_uri", "com.example.app:/cb", "response_mode", "form_post").Encode())
	f.Add(authRequest("max_age", "18446744073709551616", "state", "").Encode() + "&state=%e2%82%ac;x&state=")
	v := newView(testConfig(), time.Time{})
	f.Fuzz(func(t *testing.T, raw string) {
		q := parseParams(raw)
		for name, value := range q.values {
			if !clean(name) || !clean(value) || value == "" {
				t.Errorf("%q=%q", name, value)
			}
		}
		a, err := v.readAuthorization(q)
		if page := (*web.Error)(nil); errors.As(err, &page) {
			if goText.MatchString(page.Message) || goText.MatchString(page.Code) {
				t.Errorf("page says %q %q", page.Code, page.Message)
			}
			return
		}
		if !mayReturn(a.RedirectURI, a.client.RedirectURIs, a.client.Native) {
			t.Errorf("%q", a.RedirectURI)
		}
		refused := (*refusal)(nil)
		if err != nil && !errors.As(err, &refused) {
			t.Errorf("%v", err)
		}
		if refused != nil && (goText.MatchString(refused.description) || !description.MatchString(refused.code+refused.description)) {
			t.Errorf("the panel is told %q", refused)
		}
		answered(t, a, raw)
		if err == nil {
			accepted(t, a, raw)
		}
	})
}

// answered checks what goes back to the panel, whether the request was good or not.
func answered(t *testing.T, a *authorization, raw string) {
	location := withQuery(a.RedirectURI, []field{{"state", a.State}})
	if strings.ContainsAny(location, "\r\n\x00 ") {
		t.Errorf("%q", location)
	}
	_, query, _ := strings.Cut(location, "?")
	if back := sent(query, "state"); a.State != "" && !slices.Equal(back, []string{a.State}) {
		t.Errorf("state %q comes back as %q", a.State, back)
	}
	if states := sent(raw, "state"); a.State != "" && !slices.Equal(states, []string{a.State}) {
		t.Errorf("state %q was never sent: %q", a.State, states)
	}
}

// accepted checks that a good request is the one that was sent.
func accepted(t *testing.T, a *authorization, raw string) {
	for name, got := range map[string]string{
		"client_id": a.ClientID, "redirect_uri": a.RedirectURI, "response_type": string(a.ResponseType), "state": a.State, "nonce": a.Nonce,
		"code_challenge": a.CodeChallenge, "code_challenge_method": string(a.CodeChallengeMethod), "login_hint": a.LoginHint, "claims": string(a.rawClaims),
	} {
		if all := sent(raw, name); strings.Join(all, "\x00") != got {
			t.Errorf("%s: read %q, sent %q", name, got, all)
		}
	}
	for name, got := range map[string][]string{"acr_values": a.ACRValues, "prompt": a.Prompt} {
		if want := strings.Fields(strings.Join(sent(raw, name), "\x00")); !slices.Equal(got, want) {
			t.Errorf("%s: read %q, want %q", name, got, want)
		}
	}
	asked := strings.Fields(strings.Join(sent(raw, "scope"), "\x00"))
	for i, name := range a.Scopes {
		if name == "" || !slices.Contains(asked, name) || slices.Contains(a.Scopes[:i], name) {
			t.Errorf("scope %q of %q", a.Scopes, asked)
		}
	}
	if u, err := url.Parse(a.RedirectURI); a.ResponseMode == oidc.ResponseModeFormPost && (err != nil || u.Host == "") {
		t.Errorf("posts to %q", a.RedirectURI)
	}
	if a.ResponseType != oidc.ResponseTypeCode || !a.client.answers(a.ResponseMode) {
		t.Errorf("%s by %s", a.ResponseType, a.ResponseMode)
	}
	if a.CodeChallenge == "" && (a.client.Public || !a.client.PKCEOptional) {
		t.Error("without PKCE")
	}
}
