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
			Handler: func(w http.ResponseWriter, r *http.Request) error {
				h := w.Header()
				h.Set("Cache-Control", "public, max-age=31536000, immutable")
				h.Set("ETag", a.ETag)
				if r.Header.Get("If-None-Match") == a.ETag {
					w.WriteHeader(http.StatusNotModified)
					return nil
				}
				h.Set("Content-Type", a.Type)
				_, _ = w.Write(a.Bytes) // the only error is that the reader went away
				return nil
			},
		})
	}
	return rows
}
