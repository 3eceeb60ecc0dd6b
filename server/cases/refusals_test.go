package cases

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/web"
)

// peopleAPI puts the people API's routes into the table.
func peopleAPI(f *config.File) {
	f.Registration = &config.FileRegistration{Mode: "open", PeopleAPI: true}
}

func TestEveryRouteIsInTheTableOfRefusals(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		served := map[string]bool{"/static/": true}
		for _, row := range w.Server.Routes() {
			served[row.Pattern] = true
			if kindOf(row.Pattern) == unlisted {
				t.Errorf("%s: a new route: say in the table what it hangs on", row.Pattern)
			}
		}
		for k, list := range routes {
			for _, pattern := range strings.Fields(list) {
				if !served[pattern] {
					t.Errorf("%s (%s) is in the table and not served", pattern, k)
				}
			}
		}
	}, servertest.With(peopleAPI))
}

// scene is whose cookies come with a request, and which request and credential it is about.
type scene struct {
	when    string // a key of [refused]
	id      string
	cookies string
	bearer  string
	before  func() // what happens first
}

// TestWhoMayNotIsRefusedOnEveryRoute walks the table of routes with the cookies and ids of [refused]. The forms are filled
// with what would open everything in the right hands.
func TestWhoMayNotIsRefusedOnEveryRoute(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora").Open(w.RP1.Login())
		finished := requestOf(b)
		b.SignIn(w.U2).Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		live, owner := requestOf(b), cookies(b)
		vera := w.Browser("vera")
		w.SignedIn(vera, w.RP1, w.V)
		carla := w.Browser("carla").Open(w.RP1.Login()).Click("Continue with Social")
		carla.SignIn(w.Carla)
		if carla.Cookie(servertest.SSO, "__Host-soglia_quarantine") == "" {
			t.Fatalf("no quarantine: %s\n%s", carla.URL(), carla.Text())
		}
		gone := w.Browser("gone")
		w.SignedIn(gone, w.RP1, w.U2)
		parted := cookies(gone)
		gone.Open(w.RP1.SignOut("id_token_hint", w.RP1.Last().RawIDToken()))
		only := func(header, name string) string {
			for _, c := range strings.Split(header, "; ") {
				if strings.HasPrefix(c, "__Host-soglia_"+name+"=") {
					return c
				}
			}
			t.Fatalf("no cookie %s in %q", name, header)
			return ""
		}
		session := only(owner, "session")
		form := url.Values{
			"username": {w.U2.Username}, "password": {w.U2.Password}, "otp": {w.Code(w.U2.Email)}, "code": {w.Code(w.U2.Email)},
			"email": {"stranger@posta.test"}, "way": {"recovery:"}, "method": {"totp"}, "answer": {"allow"}, "scope": {"openid"},
			"client": {"panel"}, "label": {"x"}, "then": {"enrol"}, "ticket": {"x"}, "shown": {b.Tag()},
		}.Encode()
		planted := strings.Repeat("A", 43)
		p := &prober{t: t, w: w}
		for _, s := range []scene{
			{when: "no cookie", id: live},
			{when: "cookies that are none of ours", id: live, cookies: "__Host-soglia_browser=" + planted + "; __Host-soglia_session=" + planted + "; __Host-soglia_link=" + planted + "; __Host-soglia_quarantine=" + planted + "; __Host-soglia_remember=" + planted, bearer: planted},
			{when: "another browser, somebody signed in", id: live, cookies: cookies(vera)},
			{when: "the session without the browser it is in", id: live, cookies: session},
			{when: "a made-up request", id: planted, cookies: owner},
			{when: "a finished request", id: finished, cookies: owner},
			{when: "a quarantine, and the request of a session", id: live, cookies: cookies(carla)},
			{when: "the secrets of a quarantine as those of a session", id: live, cookies: strings.ReplaceAll(only(cookies(carla), "quarantine"), "quarantine", "session")},
			{when: "the secret of a session as that of everything else", id: live, cookies: asEverythingElse(only(owner, "session"))},
			{when: "a session as an access token", id: live, cookies: owner, bearer: strings.TrimPrefix(session, "__Host-soglia_session=")},
			{when: "a session that was signed out", id: live, cookies: only(parted, "session")},
			{when: "an expired request", id: live, cookies: owner, before: func() { time.Sleep(31 * time.Minute) }},
			{when: "an expired session", id: live, cookies: owner, before: func() { time.Sleep(13 * time.Hour) }},
		} {
			if s.before != nil {
				s.before()
			}
			h := head("Cookie", s.cookies, "Sec-Fetch-Site", "same-origin", "Origin", here)
			if s.bearer != "" {
				h.Set("Authorization", "Bearer "+s.bearer)
			}
			walk(w, func(row web.Route, method string) {
				k := kindOf(row.Pattern)
				allowed, refuses := refused[s.when][k]
				_, nobody := refused[s.when][onSession]
				if method == http.MethodOptions || !refuses && !nobody {
					return // a preflight refuses nobody; and these may use what is theirs
				}
				body := ""
				if (k == onRequest || k == onSession) && method == http.MethodPost {
					body = form
				}
				before := kept(w)
				a := p.send(probe{method, filled(row.Pattern, s.id), body, h})
				if refuses && !slices.Contains(strings.Split(allowed, "|"), a.says()) {
					t.Errorf("%s: %s: %s, want %s", s.when, a, a.says(), allowed)
				}
				for _, m := range a.manners(row.Audience) {
					t.Errorf("%s: %s: %s lacks %s", s.when, a, a.says(), m)
				}
				if diff := cmp.Diff(before, kept(w)); diff != "" && k != begins {
					t.Errorf("%s: %s: %s changed the database:\n%s", s.when, a, a.says(), diff)
				}
			})
		}
	}, servertest.With(throughProxy), servertest.With(peopleAPI))
}

// asEverythingElse gives every other cookie the secret of the session's.
func asEverythingElse(session string) string {
	var all []string
	for _, name := range []string{"browser", "quarantine", "remember", "link"} {
		all = append(all, strings.Replace(session, "session", name, 1))
	}
	return strings.Join(all, "; ")
}

// walk calls f for each row and method of the table.
func walk(w *servertest.World, f func(row web.Route, method string)) {
	for _, row := range w.Server.Routes() {
		for _, m := range row.Methods {
			f(row, m)
		}
	}
}

// filled makes a path of a pattern.
func filled(pattern, id string) string {
	return strings.NewReplacer("{id}", id, "{provider}", "social", "{factor}", "x", "{action}", "factors", "{external_id}", "x", "{$}", "").Replace(pattern)
}

// requestOf is the id of the request whose page the browser is on.
func requestOf(b *servertest.Browser) string { return strings.Split(b.URL().Path, "/")[2] }

// kept is the database's rows, table by table, without what a refusal may and must write: the audit and the counters of
// limits.
func kept(w *servertest.World) map[string]string {
	out := map[string]string{}
	for table := range strings.SplitSeq(w.Dump(), "# ") {
		name, rows, _ := strings.Cut(table, "\n")
		if name != "audit_events" && name != "counters" {
			out[name] = rows
		}
	}
	return out
}
