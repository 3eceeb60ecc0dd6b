package templates

import (
	"net/url"
	"slices"
	"strings"
)

const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action "

// CSP is the Content-Security-Policy of a page. Forms go to this origin only, but for the form_post page, whose single
// form goes to the panel's redirect URI and nowhere else. Browsers apply form-action to the whole redirect chain, which
// is why a form never ends in a redirect to a panel but in [Leave]. Scripts reach nothing, but from a page that asks how its
// code fares; nothing is framed, but on the page of a sign-out the origins of the panels that are told there.
func (s *Set) CSP(page any) string {
	switch p := page.(type) {
	case FormPost:
		return pagePolicy + formSource(p.Action)
	case *FormPost:
		return pagePolicy + formSource(p.Action)
	case SignOut:
		return framePolicy(p.Frames)
	case *SignOut:
		return framePolicy(p.Frames)
	case CodePage:
		return codePolicy(&p)
	case *CodePage:
		return codePolicy(p)
	}
	return pagePolicy + "'self'"
}

func codePolicy(p *CodePage) string {
	if p.Delivery.Poll != "" {
		return pagePolicy + "'self'; connect-src 'self'"
	}
	return pagePolicy + "'self'"
}

// framePolicy lets exactly the origins of the frames in.
func framePolicy(frames []string) string {
	var origins []string
	for _, frame := range frames {
		origin := formSource(frame)
		if u, err := url.Parse(frame); err == nil && origin != "'none'" {
			origin = u.Scheme + "://" + u.Host
		}
		if origin != "'none'" && !slices.Contains(origins, origin) { // 'none' beside others means nothing
			origins = append(origins, origin)
		}
	}
	if len(origins) == 0 {
		return pagePolicy + "'self'"
	}
	return pagePolicy + "'self'; frame-src " + strings.Join(origins, " ")
}

// formSource is a source expression for one URL: origin and path, without query (CSP 3 §2.3.1 has none). Semicolon and
// comma would end the directive or the policy.
func formSource(action string) string {
	u, err := url.Parse(action)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || strings.ContainsAny(u.Host, "*;,'\" ") {
		return "'none'"
	}
	return u.Scheme + "://" + u.Host + strings.NewReplacer(";", "%3B", ",", "%2C", "'", "%27").Replace(u.EscapedPath())
}
