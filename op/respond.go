package op

import (
	"net/http"

	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// answer is what must be known of the request to answer it.
func (a *authorization) answer() request.Answer {
	return request.Answer{
		RedirectURI: a.RedirectURI, Mode: string(a.ResponseMode), State: a.State, Nonce: a.Nonce, Challenge: a.CodeChallenge,
		Claims: a.rawClaims, LoginHint: a.LoginHint, UILocales: a.languages,
	}
}

// grant answers with a code.
func (p *Provider) grant(w http.ResponseWriter, r *http.Request, h *hop, code string) error {
	return p.respond(w, r, h, []field{{"code", code}})
}

// refuse answers with an error, in the same response mode as success would have had.
func (p *Provider) refuse(w http.ResponseWriter, r *http.Request, h *hop, e *refusal) error {
	fields := []field{{"error", e.code}}
	if e.description != "" {
		fields = append(fields, field{"error_description", e.description})
	}
	return p.respond(w, r, h, fields)
}

// respond sends fields to the panel, always with iss (RFC 9207 §2) and with state where one was sent. When a form
// of ours began this chain of redirects, the last hop is a page: browsers apply form-action to all of the chain.
func (p *Provider) respond(w http.ResponseWriter, r *http.Request, h *hop, fields []field) error {
	a := &h.Answer
	if a.State != "" {
		fields = append(fields, field{"state", a.State})
	}
	fields = append(fields, field{"iss", h.view.cfg.Issuer})
	if a.Mode == string(oidc.ResponseModeFormPost) {
		page := templates.FormPost{Page: h.page(), Action: a.RedirectURI}
		for _, f := range fields {
			page.Fields = append(page.Fields, [2]string{f.name, f.value})
		}
		return p.Site.Render(w, web.WithLang(r, a.UILocales), http.StatusOK, page)
	}
	to := withQuery(a.RedirectURI, fields)
	if h.afterForm() {
		return p.Site.Render(w, web.WithLang(r, a.UILocales), http.StatusOK, templates.Leave{Page: h.page(), URL: to})
	}
	status := http.StatusFound
	if r.Method == http.MethodPost {
		status = http.StatusSeeOther
	}
	return web.Redirect(w, r, to, status)
}
