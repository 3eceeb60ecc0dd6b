package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Mux serves the rows of a table of routes. It panics when two rows claim the same method of one pattern, or a pattern is
// not one of http.ServeMux: both are mistakes of the program.
func (s *Site) Mux(routes []Route) http.Handler {
	mux := http.NewServeMux()
	places, exact := map[string]*pattern{}, map[string]*pattern{}
	for _, row := range routes {
		if row.Document && (row.Audience != Public || strings.ContainsAny(row.Pattern, "{}")) {
			panic(fmt.Sprintf("web: %s is no document: its handler needs the request's context", row.Pattern))
		}
		if row.Audience == Page && row.Subject == NoSubject && slices.Contains(row.Methods, http.MethodPost) {
			panic(fmt.Sprintf("web: POST %s does not say where its subject comes from", row.Pattern))
		}
		p := places[row.Pattern]
		if p == nil {
			p = &pattern{rows: map[string]*Route{}, other: &Route{Pattern: row.Pattern, Audience: row.Audience}, static: !strings.ContainsAny(row.Pattern, "{}") && !strings.HasSuffix(row.Pattern, "/")}
			places[row.Pattern] = p
			mux.Handle(row.Pattern, p)
			if p.static {
				exact[row.Pattern] = p
			}
		}
		p.add(&row)
	}
	return &handler{site: s, mux: mux, exact: exact}
}

// pattern is one pattern of the table with its rows by method.
type pattern struct {
	rows   map[string]*Route
	other  *Route // of methods that have no row; nothing handles it
	static bool   // the pattern is one path
}

func (p *pattern) add(row *Route) {
	for _, m := range row.Methods {
		if _, taken := p.rows[m]; taken {
			panic(fmt.Sprintf("web: two routes for %s %s", m, row.Pattern))
		}
		p.rows[m] = row
	}
	p.other.CORS = p.other.CORS || row.CORS
}

// row finds the route for a method. HEAD is answered where GET is and only reads (RFC 9110 §9.2.1: HEAD is safe), and
// nowhere else (W09).
func (p *pattern) row(method string) *Route {
	head := method == http.MethodHead
	if head {
		method = http.MethodGet
	}
	if row := p.rows[method]; row != nil && !(head && row.Acts) {
		return row
	}
	return p.other
}

// notAllowed is RFC 9110 §15.5.6. Method override headers and fields are not looked at anywhere.
func (p *pattern) notAllowed() error {
	var allow []string
	for m, row := range p.rows {
		allow = append(allow, m)
		if m == http.MethodGet && !row.Acts {
			allow = append(allow, http.MethodHead)
		}
	}
	slices.Sort(allow)
	return &Error{
		Status: http.StatusMethodNotAllowed, Code: "method_not_allowed",
		Header: http.Header{"Allow": {strings.Join(allow, ", ")}},
	}
}

// ServeHTTP runs the handler, once the front has let the request in. It exists because ServeMux sets path values only on
// the way to a handler.
func (p *pattern) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := infoOf(r)
	v.err = v.route.Handler(w, r)
}
