package servertest_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
)

// What a customer reads out is what the operator looks up: the reference of the page with the trouble, also on the support
// page that it leads to, in the log and in the record.
func TestAReferenceIsTheSameOnPageAtSupportInLogAndRecord(t *testing.T) {
	form := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`)
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("anna")
		support := func(ref string) {
			t.Helper()
			if !form.MatchString(ref) || !strings.Contains(w.Logs.String(), `"request":"`+ref+`"`) {
				t.Errorf("%q is no reference of a line in the log", ref)
			}
			b.Open("https://" + servertest.SSO + b.Value("support-link", "href")).WantStep("support")
			want(t, "reference at support", b.TextOf("error-ref"), ref)
		}
		b.Open("https://" + servertest.SSO + "/login/nothing").WantStep("error")
		support(b.TextOf("error-ref"))

		b.Open(w.RP1.Login()).WantStep("login").FillID("username", w.V.Username).FillID("password", "wrong").Submit("login-submit").WantStatus(422)
		ref := b.Header().Get("X-Request-Id")
		want(t, "reference of the record", w.Records("authn.fail")[0].RequestID, ref)
		support(ref)

		for _, typed := range []string{"", "%3Cb%3E", "7F3K-92QO"} {
			b.Open("https://" + servertest.SSO + "/support?ref=" + typed)
			want(t, "its own, for ref="+typed, b.TextOf("error-ref"), b.Header().Get("X-Request-Id"))
		}
	})
}
