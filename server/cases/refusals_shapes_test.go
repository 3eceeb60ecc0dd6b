package cases

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/web"
)

// shape is a kind of request that no page of ours and no decent panel sends, whoever sends it.
type shape struct {
	name  string
	of    func(at route) []probe // empty = it does not concern that route
	want  string                 // the answers, a regular expression over [answer.says]
	acts  bool                   // it is answered as if nothing was odd, and may do what it says
	apart map[string]string      // other answers by pattern; each line says why
}

// route is a row of the server's table, filled in.
type route struct {
	web.Route
	method  string
	id      string   // of the owner's request
	path    string   // with that id
	form    string   // what would work, from our own page
	methods []string // of all rows of the pattern
}

func (at route) probe(header ...string) probe {
	return probe{at.method, at.path, at.form, head(header...)}
}

func (at route) posts() bool { return at.method == http.MethodPost }

var shapes = []shape{
	{
		name: "W01 a form of another site", want: "^403 cross_site$",
		of: func(at route) (all []probe) {
			if !at.posts() || at.Audience != web.Page {
				return nil
			}
			for _, h := range [][]string{
				{"Sec-Fetch-Site", "cross-site", "Origin", "https://attacker.test"},
				{"Sec-Fetch-Site", "cross-site"},
				{"Sec-Fetch-Site", "same-site", "Origin", "https://panel.example.test"},
				{"Sec-Fetch-Site", "cross-site", "Origin", "null"},
				{"Sec-Fetch-Site", "Same-Origin"},
				{"Origin", "https://attacker.test"},
				{"Origin", "null"},
				{"Origin", "http://sso.example.test"},
				{"Origin", "https://sso.example.test.attacker.test"},
				{"Origin", "https://sso.example.test:8443"},
				{"Sec-Fetch-Site", "cross-site", "X-HTTP-Method-Override", "GET", "X-Requested-With", "XMLHttpRequest"},
				{"Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"},
			} {
				all = append(all, at.probe(h...))
			}
			return all
		},
	},
	{
		name: "W09 another method", want: "^405( method_not_allowed)?$",
		of: func(at route) (all []probe) {
			if at.method != at.methods[0] {
				return nil // once for a pattern
			}
			for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "BREW"} {
				if slices.Contains(at.methods, m) || m == "HEAD" && slices.Contains(at.methods, "GET") && !at.Acts {
					continue
				}
				all = append(all, probe{m, at.path, at.form, head("Sec-Fetch-Site", "same-origin", "X-HTTP-Method-Override", at.method, "X-Method-Override", at.method, "X-HTTP-Method", at.method)})
			}
			return all
		},
	},
	{
		name: "N02 a body of more than 64 KiB", want: "^413 too_large$",
		of: func(at route) []probe {
			if !hasBody(at.method) {
				return nil
			}
			return []probe{{at.method, at.path, at.form + "&x=" + strings.Repeat("a", 64<<10), ours}}
		},
		apart: map[string]string{
			"/api/people":               "^413", // it speaks of problems (RFC 9457), without our codes
			"/api/people/{external_id}": "^401", // a token comes in the header there, and comes first
		},
	},
	{
		name: "N02 more than 100 parameters", want: "^400 invalid_request$",
		of: func(at route) []probe {
			if !at.posts() {
				return nil
			}
			return []probe{{at.method, at.path, at.form + strings.Repeat("&x=1", 101), ours}}
		},
		apart: map[string]string{"/api/people": "^400$"},
	},
	{
		name: "N02 headers of more than 32 KiB, or cookies of more than 24", want: "^431( too_large)?$",
		of: func(at route) []probe {
			return []probe{
				at.probe("Sec-Fetch-Site", "same-origin", "X-A", strings.Repeat("a", 33<<10)),
				at.probe("Sec-Fetch-Site", "same-origin", "Cookie", strings.Repeat("a=b; ", 5000)),
			}
		},
	},
	{
		name: "W01 a body that is no plain form", want: "^415 unsupported_media_type$",
		of: func(at route) (all []probe) {
			if !at.posts() {
				return nil
			}
			for _, kind := range []string{"text/plain", "application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=utf-16", "x"} {
				all = append(all, at.probe("Sec-Fetch-Site", "same-origin", "Content-Type", kind))
			}
			gzip := at.probe("Sec-Fetch-Site", "same-origin", "Content-Type", "application/x-www-form-urlencoded", "Content-Encoding", "gzip")
			twice := at.probe("Sec-Fetch-Site", "same-origin")
			twice.header["Content-Type"] = []string{"text/plain", "application/x-www-form-urlencoded"}
			none := at.probe("Sec-Fetch-Site", "same-origin")
			none.header["Content-Type"] = nil
			return append(all, gzip, twice, none)
		},
		apart: map[string]string{
			"/authorize": inOAuth, "/end_session": inOAuth, "/token": inOAuth, "/introspect": inOAuth, "/revoke": inOAuth,
			"/userinfo":   "^(400 invalid_request|401 invalid_token)$", // such a body is no place for a token, and none came
			"/api/people": "^(400|401)$",
		},
	},
	{
		name: "NUL, broken UTF-8 and broken escapes in a form", want: "^400 invalid_request$",
		of: func(at route) (all []probe) {
			if !at.posts() {
				return nil
			}
			for _, x := range []string{"%00", "%ff%fe", "%zz", "%", "\x00", "\xff", "a;b"} {
				all = append(all, probe{at.method, at.path, at.form + "&x=" + x, ours}, probe{at.method, at.path, "x" + x + "=1&" + at.form, ours})
			}
			return all
		},
		apart: map[string]string{"/api/people": "^400$"},
	},
	{
		name: "garbage for an id", want: "^(400|401|403|404|410)( |$)",
		of: func(at route) (all []probe) {
			if !strings.Contains(at.Pattern, "{") || at.Pattern == "/{$}" {
				return nil
			}
			for _, x := range garbage {
				for _, place := range placeholder.FindAllString(at.Pattern, -1) {
					path := filled(strings.Replace(at.Pattern, place, x, 1), at.id)
					all = append(all, probe{at.method, path, at.form, ours})
				}
			}
			return all
		},
		apart: map[string]string{"/login/{id}/social/{provider}": "^(303 /login/|40|410 )"}, // an unknown door leads back to the page
	},
	{
		name: "another spelling of a path", want: "^(400|401|403|404|405|410|431)( |$)",
		of: func(at route) (all []probe) {
			if at.method != at.methods[0] {
				return nil
			}
			for _, path := range []string{
				"/" + at.path, at.path + "/", "/." + at.path, "/x/.." + at.path, at.path + "/..", at.path + "/.", at.path + "%2f", at.path + "%5c",
				at.path + "%00", at.path + "%20", at.path + ";x=1", at.path + ".json", "/%2e%2e" + at.path, strings.ToUpper(at.path) + "X", at.path + "%ff",
			} {
				all = append(all, probe{http.MethodGet, path, "", ours})
			}
			return all
		},
		apart: map[string]string{
			"/{$}":                          "^(404 |302 https://panel.example.test/login$)", // http.ServeMux takes %2f for the end of a path; home is where / leads, too
			"/login/{id}/social/{provider}": "^(303 /login/|40|410 )",                        // an unknown door leads back to the page
		},
	},
	{
		name: "garbage in a query", want: "^[234]", acts: true,
		of: func(at route) (all []probe) {
			for _, x := range garbage {
				all = append(all, probe{at.method, at.path + "?x=" + x + "&" + x + "=1&t=" + x + "&lang=" + x + "&state=" + x + "&ticket=" + x + "&done=" + x + "&code=" + x + "&from=" + x, "", ours})
			}
			return append(all, probe{at.method, at.path + "?" + strings.Repeat("x=1&", 400), "", ours}, probe{at.method, at.path + "?_method=DELETE&access_token=x", "", ours})
		},
	},
}

// inOAuth is how RFC 6749 §5.2 words a request that is malformed.
const inOAuth = "^400 invalid_request$"

var placeholder = regexp.MustCompile(`\{[^$}]+\}`)

// ours is how a form of our own pages comes.
var ours = head("Sec-Fetch-Site", "same-origin", "Origin", here)

// garbage is what nobody means, as it stands in a URL.
var garbage = []string{
	"%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "%2e%2e", "%27%20OR%201=1--", "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "x%0d%0aSet-Cookie:a=b", "%E2%80%AE",
	"%F0%9F%A6%94", "x%2fy", "-1", "%7B%7D", "%25%30%30", "undefined", strings.Repeat("a", 10<<10), url.QueryEscape(strings.Repeat("é", 2<<10)),
}

func hasBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}
