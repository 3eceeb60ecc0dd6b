package login

import (
	"net/http"
	"regexp"

	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// showHome leads / and /login, opened directly, to the home panel (help promise 13).
func (p *Pages) showHome(w http.ResponseWriter, r *http.Request) error {
	if to := p.Config().HomeURL(); to != "" {
		return web.Redirect(w, r, to, http.StatusFound)
	}
	return p.showSupport(w, r)
}

// showSupport is reachable in every state and asks for nothing.
func (p *Pages) showSupport(w http.ResponseWriter, r *http.Request) error {
	c := p.Config()
	lang := web.Lang(r)
	url := c.Branding.Support.URL[lang]
	if url == "" {
		url = c.Branding.Support.URL[c.Locales.Default]
	}
	return p.Site.Render(w, r, http.StatusOK, &templates.Support{
		Page: templates.Page{Lang: lang, Home: c.HomeURL(), Ref: web.Reference(r), Request: openSignIn.FindString(r.URL.Query().Get("from"))},
		URL:  url, Phone: c.Branding.Support.Phone,
	})
}

// openSignIn is the path of a sign-in from which somebody came for help.
var openSignIn = regexp.MustCompile(`^/login/[a-z2-7]+(/contact)?$`)
