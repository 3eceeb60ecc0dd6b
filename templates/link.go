package templates

import (
	"encoding/base64"
	"html/template"
	"net/url"
	"strconv"
	"strings"
)

// SupportLink leads to the help page, which needs no session. It shows the reference of this page, not one of its own, and
// leads back to the sign-in that is still open.
func (v *view) SupportLink() string {
	q := url.Values{"in": {v.Lang}} // not lang: nobody chose it
	if v.Ref != "" {
		q.Set("ref", v.Ref)
	}
	if strings.HasPrefix(v.Request, "/login/") {
		q.Set("from", v.Request)
	}
	return "/support?" + q.Encode()
}

// SupportURL and SupportPhone are the page's own, else the brand's.
func (v *view) SupportURL(own string) string {
	if own != "" {
		return own
	}
	return v.set.brand.SupportURL[v.Lang]
}

func (v *view) SupportPhone(own string) string {
	if own != "" {
		return own
	}
	return v.set.brand.SupportPhone
}

// Tel is a telephone link: html/template knows no tel:, so only digits and a leading plus are let through.
func (v *view) Tel(phone string) template.URL {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, phone)
	return template.URL("tel:" + digits)
}

// Picture makes an SVG a picture rather than a part of the page: scripts inside one never run, and CSP lets data: stand
// for pictures only.
func (v *view) Picture(svg string) template.URL {
	return template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg)))
}

// App is a link that hands a key to the authenticator app of this phone; "" for anything else.
func (v *view) App(uri string) template.URL {
	if !strings.HasPrefix(uri, "otpauth://") {
		return ""
	}
	return template.URL(uri)
}

// Go is a link to a panel or a native app (RFC 8252 §7.1: a scheme with a dot). Anything else, javascript: above all,
// leads nowhere.
func (v *view) Go(raw string) template.URL { return template.URL(destination(raw)) }

// Where is the host a link leads to, for people.
func (v *view) Where(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Host
}

func destination(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil || strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' }):
		return "#"
	case u.Scheme == "":
		if !strings.HasPrefix(raw, "/") || strings.HasPrefix(raw, "//") || strings.HasPrefix(raw, `/\`) {
			return "#"
		}
	case u.Scheme == "http" || u.Scheme == "https":
		if u.Host == "" {
			return "#"
		}
	case !strings.Contains(u.Scheme, "."):
		return "#"
	}
	return raw
}

// Refresh is the content of the meta refresh of a page that goes on by itself; "" elsewhere. The URL stands unquoted and
// starts with its scheme, so a quote further on ends nothing (HTML §4.2.5.3).
func (v *view) Refresh() string {
	if to := destination(v.kind.leadsTo); v.kind.leadsTo != "" && to != "#" {
		return strconv.Itoa(v.kind.leadsIn) + ";url=" + to
	}
	return ""
}

// languageLink is one link of the switch.
type languageLink struct {
	Lang, Name, URL string
	Current         bool
}

// Languages are the links of the language switch; none where following one would lose the page.
func (v *view) Languages() []languageLink {
	if v.kind.fixed || len(v.set.brand.Offered) < 2 {
		return nil
	}
	var links []languageLink
	for _, lang := range v.set.brand.Offered {
		name, _ := v.set.texts.get(lang, "language.name", nil)
		links = append(links, languageLink{Lang: lang, Name: name, Current: lang == v.Lang, URL: v.inLanguage(lang)})
	}
	return links
}

// inLanguage is this page in another language. A page answered to a POST has no address of its own, hence the request's.
func (v *view) inLanguage(lang string) string {
	base := v.Self
	if base == "" && !v.kind.ownAddress {
		base = v.Request
	}
	u, err := url.Parse(base)
	if err != nil || u.IsAbs() || u.Host != "" {
		u = &url.URL{}
	}
	q := u.Query()
	q.Set("lang", lang)
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: q.Encode()}).String()
}
