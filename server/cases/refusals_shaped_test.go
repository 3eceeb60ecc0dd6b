package cases

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/server/servertest"
)

// TestWhatIsMisshapenIsRefusedOnEveryRoute sends every shape to every route with the cookies of somebody who may use
// them: only the shape is wrong.
func TestWhatIsMisshapenIsRefusedOnEveryRoute(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				want := regexp.MustCompile(s.want)
				p := &prober{t: t, w: w}
				tried := 0
				var by *owner
				var before map[string]string
				for _, at := range rows(w) {
					if by == nil {
						by = newOwner(w)
						before = kept(w)
					}
					at.id, at.path, at.form = by.id, filled(at.Pattern, by.id), by.form
					for _, q := range s.of(at) {
						tried++
						if q.header.Get("Cookie") == "" {
							q.header = q.header.Clone()
							q.header.Set("Cookie", by.cookies)
						}
						a := p.send(q)
						expected := want
						if apart := s.apart[at.Pattern]; apart != "" {
							expected = regexp.MustCompile(apart)
						}
						if !expected.MatchString(a.says()) {
							t.Errorf("%s: %s", a, a.says())
						}
						if a.status == http.StatusMethodNotAllowed {
							wantAllow(t, at, a)
						}
						for _, m := range a.manners(at.Audience) {
							t.Errorf("%s: %s lacks %s", a, a.says(), m)
						}
						if strings.Contains(a.body, "<script>alert") || a.header.Get("Set-Cookie") == "a=b" {
							t.Errorf("%s: it came back: %s", a, a.body)
						}
						if after := kept(w); !maps.Equal(before, after) {
							by = nil // another one, for the next route
							if !s.acts || a.status >= 400 {
								t.Errorf("%s: %s changed the database:\n%s", a, a.says(), cmp.Diff(before, after))
							}
							break
						}
					}
				}
				if tried == 0 {
					t.Error("the table was not walked")
				}
			}, servertest.With(throughProxy), servertest.With(peopleAPI))
		})
	}
}

// wantAllow holds Allow against the rows of the pattern (RFC 9110 §15.5.6).
func wantAllow(t *testing.T, at route, a *answer) {
	t.Helper()
	for _, m := range at.methods {
		if !slices.Contains(strings.Split(a.header.Get("Allow"), ", "), m) {
			t.Errorf("%s: Allow %q lacks %s", a, a.header.Get("Allow"), m)
		}
	}
}

// rows are the server's routes by method, each with all methods of its pattern.
func rows(w *servertest.World) (all []route) {
	methods := map[string][]string{}
	for _, row := range w.Server.Routes() {
		methods[row.Pattern] = append(methods[row.Pattern], row.Methods...)
	}
	for _, row := range w.Server.Routes() {
		for _, m := range row.Methods {
			all = append(all, route{Route: row, method: m, methods: methods[row.Pattern]})
		}
	}
	return all
}

// owner is somebody signed in, whose request waits for a second step.
type owner struct{ id, cookies, form string }

func newOwner(w *servertest.World) *owner {
	w.T.Helper()
	b := w.Browser("dora").Open(w.RP1.Login()).SignIn(w.U2).Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
	return &owner{requestOf(b), cookies(b), url.Values{
		"username": {w.U2.Username}, "password": {w.U2.Password}, "otp": {w.Code(w.U2.Email)}, "method": {"totp"}, "answer": {"allow"}, "shown": {b.Tag()},
	}.Encode()}
}
