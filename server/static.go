package server

import (
	"net/http"

	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// static are the style sheet, the script and the logo: names with a hash, so browsers may keep them for ever.
func static(pages *templates.Set) []web.Route {
	var rows []web.Route
	for name, a := range pages.Static() {
		rows = append(rows, web.Route{
			Methods: []string{http.MethodGet}, Pattern: templates.StaticPath + name, Audience: web.Public, Document: true,
			Handler: web.NewDocument(a.Type, a.Bytes, web.Forever).Serve,
		})
	}
	return rows
}
