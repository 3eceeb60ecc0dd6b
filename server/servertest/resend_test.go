package servertest

import (
	"fmt"
	"testing"
	"time"
)

// again opens the panel's page that needs a second step, by password where nobody is signed in.
func again(w *World, b *Browser) *Browser {
	w.T.Helper()
	if b.Open(w.RP1.Login("acr_values", "mfa")).Step() == "login" {
		b.SignIn(w.V)
	}
	return b.WantStep("otp")
}

// Q46: who cancels and tries again, or signs out and in, gets a new code at once: twice in ten minutes, then the wait holds.
func TestQ46ARequestThatIsOverFreesACode(t *testing.T) {
	for name, leave := range map[string]func(w *World, b *Browser){
		"cancelled": func(w *World, b *Browser) {
			b.Submit("cancel")
			if w.RP1.Last().Error != "access_denied" {
				w.T.Errorf("cancelled: %+v", w.RP1.Last())
			}
		},
		"used, and signed out": func(w *World, b *Browser) {
			b.GiveCode(w.Code(w.V.Email))
			if w.RP1.Last().Claims["acr"] != "mfa" {
				w.T.Errorf("the code in the mailbox: %+v", w.RP1.Last())
			}
			b.Open(w.RP1.SignOut("id_token_hint", w.RP1.Last().RawIDToken()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			Run(t, func(t *testing.T, w *World) {
				b := w.Browser("anna")
				for i := range 3 {
					again(w, b)
					if n := w.Codes(w.V.Email); n != i+1 || !b.Has("otp") {
						t.Fatalf("time %d: %d codes, %s", i+1, n, b.Text())
					}
					leave(w, b)
					time.Sleep(2 * time.Second)
				}
				again(w, b)
				if n := w.Codes(w.V.Email); n != 3 || !b.Has("resend") {
					t.Errorf("a third one at once: %d codes, %s", n, b.Text())
				}
				time.Sleep(time.Minute)
				b.Submit("resend").WantStep("otp")
				if n := w.Codes(w.V.Email); n != 4 {
					t.Errorf("after the wait: %d codes", n)
				}
				leave(w, b)
				time.Sleep(10 * time.Minute)
				for i := range 3 { // the ten minutes begin anew
					again(w, b)
					if n := w.Codes(w.V.Email); n != i+5 {
						t.Fatalf("later, time %d: %d codes", i+1, n)
					}
					leave(w, b)
					time.Sleep(2 * time.Second)
				}
			})
		})
	}
}

// Q46: while another request waits for its code, in whichever browser, the page shows the timer.
func TestQ46AnOpenRequestShowsTheTimer(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		first := again(w, w.Browser("first"))
		time.Sleep(2 * time.Second)
		for i := range 3 {
			b := again(w, w.Browser(fmt.Sprint("other", i)))
			if n := w.Codes(w.V.Email); n != 1 || !b.Has("resend") {
				t.Errorf("%d codes, %s", n, b.Text())
			}
			b.Submit("resend").WantStatus(429)
			b.Submit("cancel") // frees nothing: the code is another request's
		}
		first.GiveCode(w.Code(w.V.Email))
		if w.RP1.Last().Claims["acr"] != "mfa" {
			t.Errorf("the open request: %+v", w.RP1.Last())
		}
	})
}

// Q46: in the account area too.
func TestQ46AStepInTheAccountAreaThatIsCancelledFreesACode(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		b := w.Browser("anna")
		w.SignedIn(b, w.RP1, w.V)
		const sessions = "https://" + SSO + "/account/confirm/sessions"
		for i := range 3 {
			b.Open(sessions).WantStep("otp")
			if n := w.Codes(w.V.Email); n != i+1 {
				t.Fatalf("time %d: %d codes, %s", i+1, n, b.Text())
			}
			b.Submit("cancel")
			time.Sleep(2 * time.Second)
		}
		if b.Open(sessions).WantStep("otp"); w.Codes(w.V.Email) != 3 {
			t.Error("a third one at once")
		}
	})
}
