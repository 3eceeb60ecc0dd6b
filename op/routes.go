package op

import (
	"net/http"

	"github.com/soglia-sso/soglia/web"
)

// Routes are the protocol's rows of the server's table of routes.
func (p *Provider) Routes() []web.Route {
	get, post, options := []string{http.MethodGet}, []string{http.MethodPost}, []string{http.MethodOptions}
	return []web.Route{
		{Methods: get, Pattern: pathAuthorize, Audience: web.Entry, Acts: true, Handler: p.showAuthorize},
		{Methods: post, Pattern: pathAuthorize, Audience: web.Entry, Handler: p.doAuthorize},
		{Methods: get, Pattern: pathAuthorize + "/{id}", Audience: web.Entry, Needs: web.Browser, Acts: true, Handler: p.showContinuation},
		{Methods: post, Pattern: pathToken, Audience: web.API, Handler: p.doToken},
		{Methods: options, Pattern: pathToken, Audience: web.API, Handler: p.preflight("POST")},
		{Methods: post, Pattern: pathIntrospect, Audience: web.API, Handler: p.doIntrospect},
		{Methods: post, Pattern: pathRevoke, Audience: web.API, Handler: p.doRevoke},
		{Methods: options, Pattern: pathRevoke, Audience: web.API, Handler: p.preflight("POST")},
		{Methods: []string{http.MethodGet, http.MethodPost}, Pattern: pathUserinfo, Audience: web.API, Handler: p.userinfo},
		{Methods: options, Pattern: pathUserinfo, Audience: web.API, Handler: p.preflight("GET, POST")},
		{Methods: get, Pattern: pathLogout, Audience: web.Entry, Acts: true, Handler: p.showLogout},
		{Methods: post, Pattern: pathLogout, Audience: web.Entry, Handler: p.doLogout},
		{Methods: post, Pattern: pathLogout + "/confirm", Audience: web.Page, Handler: p.doConfirmLogout},
		{Methods: get, Pattern: pathLogout + "/done", Audience: web.Page, Handler: p.showDone},
		{Methods: get, Pattern: pathDiscovery, Audience: web.Public, Document: true, Handler: p.showDiscovery},
		{Methods: get, Pattern: pathMetadata, Audience: web.Public, Document: true, Handler: p.showDiscovery},
		{Methods: get, Pattern: pathJWKS, Audience: web.Public, Document: true, Handler: p.showJWKS},
		{Methods: options, Pattern: pathDiscovery, Audience: web.Public, Handler: p.preflight("GET")},
		{Methods: options, Pattern: pathJWKS, Audience: web.Public, Handler: p.preflight("GET")},
	}
}

func (p *Provider) showDiscovery(w http.ResponseWriter, r *http.Request) error {
	v := p.view()
	v.allowAnyClient(w, r)
	return v.discovery.serve(w, r)
}

func (p *Provider) showJWKS(w http.ResponseWriter, r *http.Request) error {
	p.view().allowAnyClient(w, r)
	return p.keys.set().jwks.serve(w, r)
}
