package servertest_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

var recoveryCode = regexp.MustCompile(`<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>`)

// shownCodes reads the recovery codes of the page.
func shownCodes(b *servertest.Browser) []string {
	var out []string
	for _, m := range recoveryCode.FindAllStringSubmatch(string(b.Body()), -1) {
		out = append(out, m[1])
	}
	return out
}

// keepCodes confirms the recovery codes on the page, and returns them.
func keepCodes(t *testing.T, b *servertest.Browser) []string {
	t.Helper()
	b.WantStep("recovery_codes")
	codes := shownCodes(b)
	want(t, "recovery codes", len(codes), 10)
	b.FillID("otp", codes[3]).Submit("otp-submit")
	return codes
}

// withCodes switches the app on for somebody who has none, at a panel, and returns the recovery codes.
func withCodes(t *testing.T, w *servertest.World, b *servertest.Browser, p *servertest.Person) []string {
	t.Helper()
	w.SignedIn(b, w.RP1, p)
	b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa")).WantStep("otp")
	b.Click("Switch on the Authenticator app")
	if b.Step() == "otp" {
		b.GiveCode(w.Code(p.Email))
	}
	if b.Step() == "enrol" {
		b.Click("Switch on the Authenticator app")
	}
	key := &servertest.Person{Key: manualKey(t, b)}
	b.FillID("otp", key.AppCode()).Submit("otp-submit")
	p.Key = key.Key
	return keepCodes(t, b)
}

// bySubject counts the mails to an address whose subject begins so.
func bySubject(w *servertest.World, address, begins string) int {
	n := 0
	for _, m := range w.Mails(address) {
		if strings.HasPrefix(m.Subject, begins) {
			n++
		}
	}
	return n
}

// recoverBy goes from the app's page to the one of recovery codes.
func recoverBy(b *servertest.Browser, code string) *servertest.Browser {
	b.WantStep("otp")
	if b.Has("otp") && !strings.Contains(b.Text(), "Use a recovery code") {
		b.WantText("recovery code")
	}
	return b.Click("Use a recovery code").WantStep("otp").FillID("otp", code).Submit("otp-submit")
}

func TestRecoveryCodesAreShownOnceConfirmedByTypingOneAndAskedForAgainByWhoLeft(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa")).WantStep("otp")
		step := b.URL()
		b.Click("Switch on the Authenticator app").GiveCode(w.Code(w.U2.Email))
		b.WantStep("enrol").Click("Switch on the Authenticator app")
		key := &servertest.Person{Key: manualKey(t, b)}
		b.FillID("otp", key.AppCode()).Submit("otp-submit").WantStep("recovery_codes")
		first := shownCodes(b)
		want(t, "cache", b.Header().Get("Cache-Control"), "no-store")
		before := w.RP1.Answers()

		// Left and come back to: the step waits, and a GET shows no code.
		b.Open(step.String()).WantStep("recovery")
		want(t, "codes in the answer to a GET", len(shownCodes(b)), 0)
		want(t, "answers", w.RP1.Answers(), before)
		b.Submit("recovery-show").WantStep("recovery_codes")
		codes := shownCodes(b)
		if slices.Equal(first, codes) {
			t.Error("the codes of the page that was left are still the ones")
		}
		b.FillID("otp", first[0]).Submit("otp-submit").WantStatus(422).WantStep("recovery_codes")
		if !slices.Equal(shownCodes(b), codes) {
			t.Error("a mistyped code changed the list")
		}
		b.FillID("otp", strings.ToUpper(strings.ReplaceAll(codes[9], "-", " "))).Submit("otp-submit")
		want(t, "answers after the confirmation", w.RP1.Answers(), before+1)
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		if dump := w.Dump(); strings.Contains(dump, codes[0]) || strings.Contains(dump, strings.ReplaceAll(codes[0], "-", "")) {
			t.Error("a recovery code is in the database")
		}

		// The codes of the page that was left never worked.
		thief := w.Browser("thief")
		thief.Open(w.RP1.Login()).SignIn(w.U2)
		recoverBy(thief, first[1]).WantStatus(422)
	})
}

// G08: once only, own only, however it is typed; told by mail and in the record.
func TestG08RecoveryCodeSignsInOnceAndItsOwnerOnly(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		codes := withCodes(t, w, w.Browser("dora"), w.U2)
		others := withCodes(t, w, w.Browser("vera"), w.V)
		time.Sleep(time.Hour)

		b := w.Browser("dora without phone")
		b.Open(w.RP1.Login()).SignIn(w.U2)
		recoverBy(b, others[0]).WantStatus(422)
		b.FillID("otp", "not-a-code").Submit("otp-submit").WantStatus(422)
		b.FillID("otp", "  "+strings.ToUpper(strings.ReplaceAll(codes[0], "-", " – "))).Submit("otp-submit")
		got := w.RP1.Last()
		want(t, "acr", got.Acr(), "mfa")
		want(t, "mails", bySubject(w, w.U2.Email, "A recovery code was used"), 1)
		used := w.Records("mfa.ok")[0]
		want(t, "record", used.Reason+" "+used.PersonID, "recovery "+w.U2.ID)

		again := w.Browser("thief")
		again.Open(w.RP1.Login()).SignIn(w.U2)
		recoverBy(again, codes[0]).WantStatus(422)
		want(t, "a used code reads like a wrong one", strings.HasPrefix(again.TextOf("error-text"), "That code didn’t work. Check it: each recovery code works only once."), true)
		again.FillID("otp", codes[1]).Submit("otp-submit")
		want(t, "the next one", w.RP1.Last().Acr(), "mfa")

		// The owner of the other list still has all of it.
		vera := w.Browser("vera later")
		vera.Open(w.RP2.Login()).SignIn(w.V)
		recoverBy(vera, others[0])
		want(t, "the other owner", w.RP2.Last().Error, "")
	})
}

func TestG08TenWrongRecoveryCodesPauseThemAndLeaveTheAppAlone(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		codes := withCodes(t, w, w.Browser("dora"), w.U2)
		time.Sleep(time.Hour)
		b := w.Browser("guesser")
		b.Open(w.RP1.Login()).SignIn(w.U2)
		recoverBy(b, "aaaa-aaaa-aaaa-aaaa").WantStatus(422)
		for range 9 {
			b.FillID("otp", "bbbb-bbbb-bbbb-bbbb").Submit("otp-submit").WantStatus(422)
		}
		want(t, "paused", len(w.Records("mfa.paused")), 1)
		b.FillID("otp", codes[0]).Submit("otp-submit").WantStatus(422)
		want(t, "told", bySubject(w, w.U2.Email, "Too many wrong codes"), 1)
		owner := w.Browser("dora")
		w.SignedIn(owner, w.RP1, w.U2)
		want(t, "the app", w.RP1.Last().Acr(), "mfa")
		time.Sleep(16 * time.Minute)
		b.Open(w.RP1.Login()).WantStep("otp")
		recoverBy(b, codes[0])
		want(t, "after the pause the refused code is still good", w.RP1.Last().Acr(), "mfa")
	})
}

// An app that takes no code any more is not told of as one that is paused: waiting does not bring it back.
func TestF03WhoseAppIsOffIsToldSo(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("guesser")
		b.Open(w.RP1.Login()).SignIn(w.U1).WantStep("otp")
		for range 3 {
			b.FillID("otp", notTheCode(w.U1)).Submit("otp-submit").WantStatus(422)
		}
		want(t, "told that it is off", bySubject(w, w.U1.Email, "Verification method blocked"), 1)
		want(t, "told of a pause", bySubject(w, w.U1.Email, "Too many wrong codes"), 0)
	}, servertest.With(func(f *config.File) { f.Limits.FactorDisable = 3 }))
}

func TestNobodyGetsRecoveryCodesWithThePasswordAlone(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("thief")
		b.Open(w.RP1.Login()).SignIn(w.U1).WantStep("otp")
		page := b.URL()
		for _, path := range []string{"/recovery", "/recovery/confirm"} {
			b.Tab(path).Post(page, page.String()+path, url.Values{"otp": {"aaaa-aaaa-aaaa-aaaa"}, "ticket": {"x"}}).WantStep("otp")
		}
		// U1 has an app of old and no codes; proving the app in this request hands out none either: the account page does.
		b.GiveCode(w.U1.AppCode())
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		b.Do(http.MethodPost, page.String()+"/recovery", url.Values{})
		want(t, "codes", len(shownCodes(b)), 0)
	})
}

// Regenerated codes kill the old ones, and only once they are confirmed; a ticket is good once and for its owner.
func TestG08RegeneratedCodesKillTheOldOnes(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		old := withCodes(t, w, w.Browser("dora"), w.U2)
		ctx, box := context.Background(), must(secret.NewBox(w.Config.MasterKey))(t)
		factors := mfa.New(box, func() *config.Config { return w.Config }, nil)
		person := must(w.Store.Person(ctx, w.U2.ID))(t)
		fresh := must(factors.NewRecoveryCodes(ctx, w.Store, person, time.Now()))(t)
		confirm := func(p *storage.Person, typed string, at time.Time) error {
			return w.Store.Tx(ctx, func(r storage.Records) error {
				return factors.ConfirmRecoveryCodes(ctx, r, p, fresh.Ticket, typed, time.Time{}, at)
			})
		}
		signIn := func(name, code string) int {
			b := w.Browser(name)
			b.Open(w.RP1.Login()).SignIn(w.U2)
			return recoverBy(b, code).Status()
		}
		want(t, "an old code before the confirmation", signIn("before", old[0]), 200)
		want(t, "somebody else's ticket", confirm(must(w.Store.Person(ctx, w.V.ID))(t), fresh.Codes[0], time.Now()), mfa.ErrExpired)
		want(t, "an old code confirms nothing", confirm(person, old[1], time.Now()), mfa.ErrWrong)
		want(t, "too late", confirm(person, fresh.Codes[0], time.Now().Add(31*time.Minute)), mfa.ErrExpired)
		want(t, "confirmed", confirm(person, fresh.Codes[0], time.Now()), nil)
		want(t, "an old code afterwards", signIn("old", old[1]), 422)
		want(t, "a new code", signIn("new", fresh.Codes[0]), 200)
		want(t, "the ticket again", confirm(person, fresh.Codes[0], time.Now()), mfa.ErrExpired)
		want(t, "a used code after it", signIn("used", fresh.Codes[0]), 422)
	})
}

// must unwraps what cannot fail in a test.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
