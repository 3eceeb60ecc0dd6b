package op

import (
	"net/http"

	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/web"
)

// Routes are the protocol's rows of the server's table of routes.
func (p *Provider) Routes() []web.Route {
	get, post := []string{http.MethodGet}, []string{http.MethodPost}
	return web.Preflights([]web.Route{
		{Methods: get, Pattern: pathAuthorize, Audience: web.Entry, Acts: true, Handler: p.showAuthorize},
		{Methods: post, Pattern: pathAuthorize, Audience: web.Entry, Handler: p.doAuthorize},
		{Methods: get, Pattern: pathAuthorize + "/{id}", Audience: web.Entry, Needs: web.Browser, Acts: true, Handler: p.showContinuation},
		{Methods: post, Pattern: pathToken, Audience: web.API, Inner: true, CORS: true, Handler: p.doToken},
		{Methods: post, Pattern: pathIntrospect, Audience: web.API, Inner: true, Handler: p.doIntrospect},
		{Methods: post, Pattern: pathRevoke, Audience: web.API, Inner: true, CORS: true, Handler: p.doRevoke},
		{Methods: []string{http.MethodGet, http.MethodPost}, Pattern: pathUserinfo, Audience: web.API, Inner: true, CORS: true, Handler: p.userinfo},
		{Methods: get, Pattern: pathLogout, Audience: web.Entry, Acts: true, Handler: p.showLogout},
		{Methods: post, Pattern: pathLogout, Audience: web.Entry, Handler: p.doLogout},
		{Methods: post, Pattern: pathLogout + "/confirm", Audience: web.Page, Subject: web.FromCookie, Handler: p.doConfirmLogout},
		{Methods: get, Pattern: pathLogout + "/done", Audience: web.Page, Handler: p.showDone},
		{Methods: get, Pattern: pathDiscovery, Audience: web.Public, Document: true, CORS: true, Handler: p.showDiscovery},
		{Methods: get, Pattern: pathMetadata, Audience: web.Public, Document: true, CORS: true, Handler: p.showDiscovery},
		{Methods: get, Pattern: pathJWKS, Audience: web.Public, Inner: true, Document: true, CORS: true, Handler: p.showJWKS},
	})
}

func (p *Provider) showDiscovery(w http.ResponseWriter, r *http.Request) error {
	return p.view().discovery.Serve(w, r)
}

func (p *Provider) showJWKS(w http.ResponseWriter, r *http.Request) error {
	now := p.Tokens.JWKS()
	set := p.keySet.Load()
	if set == nil || set.of != now { // the keys changed
		set = &keySet{now, web.NewDocument("application/json", now.Body, now.MaxAge)}
		p.keySet.Store(set)
	}
	return set.Serve(w, r)
}

// keySet is the JWKS as it is answered.
type keySet struct {
	of *tokens.JWKS
	*web.Document
}
