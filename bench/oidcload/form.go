package main

import (
	"errors"
	"html"
	"net/url"
	"regexp"
	"strings"
	"time"
)

var (
	reForm  = regexp.MustCompile(`(?is)<form\b([^>]*)>(.*?)</form>`)
	reInput = regexp.MustCompile(`(?is)<(input|button)\b([^>]*)>`)
	reAttr  = regexp.MustCompile(`(?is)([a-z_:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))`)
	reMeta  = regexp.MustCompile(`(?is)<meta\b([^>]*)>`)
	reKey   = regexp.MustCompile(`(?is)<code class="key">([^<]*)</code>`)
	reSpare = regexp.MustCompile(`(?is)<li><code>([^<]*)</code></li>`)
)

func attrs(s string) map[string]string {
	m := map[string]string{}
	for _, a := range reAttr.FindAllStringSubmatch(s, -1) {
		m[strings.ToLower(a[1])] = html.UnescapeString(a[2] + a[3] + a[4])
	}
	return m
}

// refresh finds a meta refresh without delay.
func refresh(page []byte) (string, bool) {
	for _, m := range reMeta.FindAllSubmatch(page, -1) {
		a := attrs(string(m[1]))
		delay, to, ok := strings.Cut(a["content"], ";")
		to = strings.TrimSpace(to)
		if !strings.EqualFold(a["http-equiv"], "refresh") || !ok || strings.TrimSpace(delay) != "0" || len(to) < 4 || !strings.EqualFold(to[:4], "url=") {
			continue
		}
		return strings.Trim(to[4:], `'"`), true
	}
	return "", false
}

// field is an input or a button.
type field struct {
	button bool
	a      map[string]string
}

func (f field) kind() string {
	name := strings.ToLower(f.a["name"])
	switch {
	case strings.Contains(name, "password"):
		return "password"
	case name == "otp" || f.a["autocomplete"] == "one-time-code":
		return "otp"
	case f.button:
		return "submit"
	}
	return strings.ToLower(f.a["type"])
}

type form struct {
	action, method string
	fields         []field
}

func (f form) has(kind string) bool {
	for _, in := range f.fields {
		if in.kind() == kind {
			return true
		}
	}
	return false
}

// forms are those of a page, in its order.
func forms(page []byte) (out []form) {
	for _, m := range reForm.FindAllSubmatch(page, -1) {
		a := attrs(string(m[1]))
		f := form{action: a["action"], method: strings.ToUpper(a["method"])}
		if f.method == "" {
			f.method = "GET"
		}
		for _, in := range reInput.FindAllStringSubmatch(string(m[2]), -1) {
			f.fields = append(f.fields, field{strings.EqualFold(in[1], "button"), attrs(in[2])})
		}
		out = append(out, f)
	}
	return out
}

// pick chooses what a person would answer: the password form and not the button of a provider beside it, then the form
// for a code, else the first.
func pick(all []form) (form, bool) {
	for _, kind := range []string{"password", "otp"} {
		for _, f := range all {
			if f.has(kind) {
				return f, true
			}
		}
	}
	if len(all) == 0 {
		return form{}, false
	}
	return all[0], true
}

// fill completes a page's form: hidden inputs as they are, the text field with the user's name, the password field with
// the password, a code from the app whose key a page has shown, or from the page itself when it shows spare codes.
func (br *browser) fill(page []byte) (action, method string, v url.Values, err error) {
	if m := reKey.FindSubmatch(page); m != nil {
		br.key = strings.ReplaceAll(string(m[1]), " ", "")
	}
	f, ok := pick(forms(page))
	if !ok {
		return "", "", nil, errors.New("no form on the page")
	}
	if br.noMore && f.has("password") {
		return "", "", nil, errors.New("the password is asked again")
	}
	v = url.Values{}
	for _, in := range f.fields {
		name := in.a["name"]
		if name == "" {
			continue
		}
		switch in.kind() {
		case "password":
			v.Set(name, br.b.cfg.Password)
		case "otp":
			if m := reSpare.FindSubmatch(page); m != nil {
				v.Set(name, string(m[1]))
			} else if v, err = withCode(v, name, br.key, time.Now()); err != nil {
				return "", "", nil, err
			}
		case "hidden", "submit":
			if !v.Has(name) {
				v.Set(name, in.a["value"])
			}
		case "checkbox": // "remember me" is what makes a session outlive the login elsewhere
			v.Set(name, "on")
		case "", "text", "email":
			v.Set(name, br.user)
		default:
			v.Set(name, in.a["value"])
		}
	}
	return f.action, f.method, v, nil
}

var reTag = regexp.MustCompile(`(?s)<head.*</head>|<[^>]*>|\s+`)

// words are what a page says, for errors.
func words(page []byte) string {
	return strings.Join(strings.Fields(reTag.ReplaceAllString(string(page), " ")), " ")
}
