package servertest_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// "It was not me" from the journal: the sign-in of somebody else, in the words of its entry, ends every session and freezes the
// account from that moment on.
func TestNotMeIsSaidOfAnEntryOfTheJournal(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		withSpare(t, w)
		thief, _ := broken(t, w, w.U2.Email)
		began := w.Records("session.new")
		act := began[0].At // the newest
		owner := w.Browser("owner")
		w.SignedIn(owner, w.RP1, w.U2)
		owner.Open(accountURL + "/activity").WantStep("account_activity").Click("It wasn’t me").WantStep("account_not_me")
		owner.Open(accountURL + "/activity").WantStep("account_activity")
		entry := entryOf(t, owner, "Firefox, Linux", "Sign-in")
		owner.Open(accountURL + "/activity/not-me?entry=" + entry).WantStep("account_not_me").WantText("198.51.100.4").Submit("not-me").WantStep("not_me_done")
		owner.WantText("d•••@a•••.test")
		row := personOf(t, w, w.U2)
		want(t, "since", row.FrozenSince.Equal(act), true)
		want(t, "by a link", row.FrozenMailed.IsZero(), true)
		want(t, "via", strings.Join(row.FrozenVia, " "), w.U2.Email)
		want(t, "record", w.Records("person.frozen")[0].Reason, "inside")
		for name, b := range map[string]*servertest.Browser{"the thief": thief, "the owner": owner} {
			b.Open(w.RP1.Login("prompt", "none"))
			want(t, name, w.RP1.Last().Error, "login_required")
		}
		time.Sleep(2 * time.Minute)
		back := w.Browser("owner, back")
		wantsMFA(back, w, w.U2).WantStep("otp").GiveCode(w.Code(spare))
		want(t, "the owner", w.RP1.Last().Acr(), "mfa")
	})
}

// entryOf is the key of the first entry that says both.
func entryOf(t *testing.T, b *servertest.Browser, says ...string) string {
	t.Helper()
	for entry := range strings.SplitSeq(string(b.Body()), "<li>") {
		_, after, ok := strings.Cut(entry, "not-me?entry=")
		for _, words := range says {
			ok = ok && strings.Contains(entry, words)
		}
		if ok {
			key, _, _ := strings.Cut(after, `"`)
			return key
		}
	}
	t.Fatalf("no such entry:\n%s", b.Text())
	return ""
}

// Whoever has the password and says it gets nothing: the owner's app still stands before the other mailbox.
func TestNotMeFromInsideGivesAThiefNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		withSpare(t, w)
		w.SignedIn(w.Browser("dora"), w.RP1, w.U2)
		time.Sleep(4 * time.Hour)
		w.AddApp(w.U2) // the owner's, two hours ago
		thief := w.Browser("thief")
		thief.Open(w.RP1.Login("scope", "openid")).SignIn(w.U2)
		thief.Open(accountURL + "/activity").WantStep("account_activity")
		first := entryOf(t, thief, "Sign-in")
		thief.Open(accountURL + "/activity/not-me?entry=" + first).WantStep("account_not_me").Submit("not-me").WantStep("not_me_done")
		time.Sleep(time.Minute)
		wantsMFA(thief, w, w.U2)
		want(t, "the thief", w.RP1.Last().Error, "unmet_authentication_requirements")
		want(t, "codes to the other mailbox", w.Codes(spare), 0)
		time.Sleep(24 * time.Hour)
		owner := w.Browser("owner")
		wantsMFA(owner, w, w.U2).WantStep("otp").GiveCode(w.U2.AppCode())
		want(t, "the owner, a day later", w.RP1.Last().Acr(), "mfa")
	}, servertest.With(func(f *config.File) { f.SecondFactor.EverySignIn = "when_chosen" }))
}

// T06: an entry of somebody else, or none at all, is about no act of this account.
func TestT06NotMeOfAnEntryOfOthersIsAboutNone(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.SignedIn(w.Browser("vera"), w.RP1, w.V)
		time.Sleep(time.Hour)
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		other := &storage.Event{ID: "OTHERS", At: w.Store.Now().Add(-48 * time.Hour), Name: "authn.fail", Outcome: "fail", PersonID: w.V.ID, IP: "192.0.2.77"}
		if err := w.Store.Append(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		key := recordKey(other)
		for _, forged := range []string{key, "x", "MTc2", "LTUgYQ"} {
			b.Open(accountURL + "/activity/not-me?entry=" + forged).WantStep("account_not_me")
			if strings.Contains(b.Text(), "192.0.2.77") {
				t.Errorf("%q shows the entry of somebody else", forged)
			}
		}
		before := w.Dump()
		b.Open(accountURL + "/activity/not-me?entry=" + key)
		b.Do(http.MethodGet, accountURL+"/activity/not-me", nil)
		want(t, "a GET changed nothing", w.Dump() == before, true)
		said := time.Now()
		b.Do(http.MethodPost, accountURL+"/activity/not-me", url.Values{"entry": {key}})
		row := personOf(t, w, w.U2)
		want(t, "the act is now", row.FrozenSince.Before(said.Add(-time.Minute)), false)
		want(t, "the other person", personOf(t, w, w.V).FrozenUntil.IsZero(), true)
	})
}

func recordKey(ev *storage.Event) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(ev.At.UnixMicro(), 10) + " " + ev.ID))
}
