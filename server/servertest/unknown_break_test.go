package servertest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// L02: status, bytes, headers and the number of statements; the disabled person's password is the right one.
func TestL02ThrottledDisabledAndSocialOnlyReadAsUnknown(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.Create(&servertest.Person{Username: "senza", Email: "senza@rossi.test"})
		d := w.Create(&servertest.Person{Username: "spenta", Email: "spenta@rossi.test", Password: "un faro senza luce"})
		change(t, w, d.ID, func(p *storage.Person) { p.Disabled = true })
		for _, tries := range []int{1, 6} {
			var first string
			statements := map[bool]int{} // a text with @ is looked up both ways
			for i, name := range []string{"niemand", "dora", "senza", "spenta", "no-body@x.test", "dora@rossi.test"} {
				if tries == 6 && name == "dora@rossi.test" {
					continue
				}
				b := w.Browser(name)
				b.IP = "198.18.0." + string(rune('1'+i))
				pw := "not the password at all"
				if name == "spenta" {
					pw = d.Password
				}
				b.Open(w.RP1.Login())
				n := 0
				for range tries {
					n = w.Store.Count(func() { b.FillID("username", name).FillID("password", pw).Submit("login-submit") }).Statements
				}
				id := strings.Split(b.URL().Path, "/")[2]
				body := strings.NewReplacer(name, "NAME", id, "ID", b.Header().Get("X-Request-Id"), "REF").Replace(string(b.Body()))
				got := http.StatusText(b.Status()) + body + b.Header().Get("Retry-After") + b.Header().Get("Content-Security-Policy") + strings.Join(b.Header().Values("Set-Cookie"), "")
				if at := strings.Contains(name, "@"); statements[at] == 0 {
					statements[at] = n
				} else if n != statements[at] {
					t.Errorf("%d tries, %s: %d statements, %d for another", tries, name, n, statements[at])
				}
				if first == "" {
					first = got
				} else if got != first {
					t.Errorf("%d tries, %s: %s", tries, name, cmp.Diff(first, got))
				}
			}
			time.Sleep(25 * time.Hour)
		}
	})
}
