package servertest_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
)

// The reference on a page can be read out on the telephone. The page where help is shows that one, not one of its own, keeps
// the language, and leads back to the sign-in that is still open.
func TestHelpKnowsThePageFromWhichItWasSought(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		b.Open(origin + "/login/nowhere").WantStep("error")
		ref := b.TextOf("error-ref")
		if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`).MatchString(ref) {
			t.Errorf("reference %q", ref)
		}
		want(t, "the log has it", strings.Contains(w.Logs.String(), ref), true)
		b.Submit("support-link").WantStep("support")
		want(t, "the reference", b.TextOf("error-ref"), ref)
		want(t, "a way back to no sign-in", b.Has("back"), false)

		b.Open(w.RP1.Login("ui_locales", "it")).WantText("Accedi").Submit("support-link").WantText("Serve aiuto?")
		b.Submit("back").WantStep("login").SignIn(w.V)
		want(t, "signed in after all", w.RP1.Answers(), 1)

		b.Open(origin + "/support?ref=call+%2B39+900&from=//evil.test/login/x").WantStep("support")
		want(t, "somebody else's reference", regexp.MustCompile(`900|evil`).MatchString(b.TextOf("error-ref")+b.Value("back", "href")), false)
	})
}
