package servertest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

const (
	origin      = "https://" + servertest.SSO
	newPassword = "tre mele verdi nel cesto"
	linkCookie  = "__Host-soglia_link"
)

var (
	resetLink = regexp.MustCompile(`https://sso\.example\.test/password/reset\?t=\S+`)
	notMeLink = regexp.MustCompile(`https://sso\.example\.test/not-me\?t=\S+`)
)

// forgot asks for the link from the sign-in page's own link, or alone.
func forgot(b *servertest.Browser, who string) *servertest.Browser {
	return b.Open(origin+"/forgot").WantStep("forgot").FillID("username", who).Submit("forgot-submit").WantStep("forgot_sent")
}

// links are the links of the newest mail to an address that has one.
func links(t *testing.T, w *servertest.World, address string, of *regexp.Regexp) []string {
	t.Helper()
	mails := w.Mails(address)
	for i := len(mails) - 1; i >= 0; i-- {
		if found := of.FindAllString(mails[i].Text, -1); len(found) > 0 {
			return found
		}
	}
	t.Fatalf("no link went to %s; %d messages did", address, len(mails))
	return nil
}

func link(t *testing.T, w *servertest.World, address string) string {
	t.Helper()
	return links(t, w, address, resetLink)[0]
}

// setPassword follows a link and sets the password.
func setPassword(b *servertest.Browser, link, password string) *servertest.Browser {
	return b.Open(link).WantStep("set_password").FillID("password", password).Submit("password-submit")
}

// dead fails when a link opens anything but the one page of dead links.
func dead(t *testing.T, b *servertest.Browser, link string) {
	t.Helper()
	b.Open(link).WantStatus(http.StatusGone)
	want(t, "code", b.TextOf("error-code"), "link_dead")
}

func wrongPassword(b *servertest.Browser, rp *servertest.RP, p *servertest.Person) {
	b.Open(rp.Login()).SignIn(p).WantStep("login").WantStatus(422)
}

// G05 and the promises 9 and 2: a link sets the password, signs nobody in, ends everything, and the factor is asked all the same.
func TestG05ForgottenPasswordEndsEverythingAndGivesNoMoreThanTheFirstStep(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for name, p := range map[string]*servertest.Person{"without a factor": w.U2, "with an app": w.U1} {
			ctx := context.Background()
			old := *p
			desk := w.Browser(name + " at the desk")
			offline := w.SignedIn(desk, w.RP2, p, "scope", "openid offline_access", "prompt", "consent")
			time.Sleep(time.Minute)
			session := desk.Cookie(servertest.SSO, sessionCookie)

			b := w.Browser(name)
			b.Open(w.RP1.Login()).WantStep("login").Click("Forgot your password?").WantStep("forgot")
			b.FillID("username", p.Username).Submit("forgot-submit").WantStep("forgot_sent")
			first := link(t, w, p.Email)
			forgot(b, strings.ToUpper(p.Email))
			dead(t, b, first) // a newer one was asked for

			setPassword(b, link(t, w, p.Email), newPassword).WantStep("password_set")
			want(t, name+": session after the link", b.Cookie(servertest.SSO, sessionCookie), "")
			want(t, name+": link cookie", b.Cookie(servertest.SSO, linkCookie), "")
			before := w.RP1.Answers()
			b.Open(w.RP1.Login("prompt", "none"))
			want(t, name+": silent sign-on", w.RP1.Last().Error, "login_required")
			desk.Open(w.RP2.Login("prompt", "none"))
			want(t, name+": the desk", w.RP2.Last().Error, "login_required")
			if session == "" || w.RP2.UserInfoStatus(offline.Token.AccessToken) != 401 {
				t.Errorf("%s: the access token of before still works", name)
			}
			if _, err := w.RP2.Refresh(offline.Token.RefreshToken); err == nil {
				t.Errorf("%s: the offline grant still works", name)
			}
			wrongPassword(w.Browser("old password"), w.RP1, &old)
			want(t, name+": answers", w.RP1.Answers(), before+1)

			p.Password = newPassword
			next := w.Browser("next")
			next.Open(w.RP1.Login()).SignIn(p)
			if p.Key != "" {
				next.WantStep("otp").GiveCode(p.AppCode())
				want(t, name+": acr", w.RP1.Last().Acr(), "mfa")
			} else {
				want(t, name+": acr", w.RP1.Last().Acr(), "sfa")
			}
			row := must(w.Store.Person(ctx, p.ID))(t)
			want(t, name+": the mailbox that was enough", row.PasswordVia, p.Email)
			if !row.PasswordViaUntil.After(time.Now().Add(23 * time.Hour)) {
				t.Errorf("%s: it cools until %s", name, row.PasswordViaUntil)
			}
			want(t, name+": told", bySubject(w, p.Email, "The password was changed"), 1)
			want(t, name+": records", w.Records("pw.reset.used")[0].PersonID, p.ID)
			want(t, name+": asked", w.Records("pw.reset.requested")[0].PersonID, p.ID)
		}
	})
}

// Q26: a relying party that wants email_verified (oauth2-proxy does) refused people for ever who chose their password by a
// mailed link: nobody noted that they read that mailbox. A scanner, which opens every link, proves nothing; and the mailbox
// that was enough for the password still is no second factor.
func TestQ26ThePostBehindAMailedLinkProvesTheMailbox(t *testing.T) {
	verified := func(w *servertest.World, p *servertest.Person) any {
		w.T.Helper()
		return w.SignedIn(w.Browser("sign-in of "+p.Username), w.RP2, p).UserInfo["email_verified"]
	}
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api, invitee := invited(t, w)
		want(t, "made", api.call("GET", "/api/people/C-9", "").status, 200)
		want(t, "before", verified(w, w.U2), false)
		for name, c := range map[string]struct {
			who *servertest.Person
			ask func()
		}{
			"an invitation": {invitee, func() {}},
			"forgotten":     {w.U2, func() { forgot(w.Browser("forgot"), w.U2.Username) }},
		} {
			c.ask()
			to := link(t, w, c.who.Email)
			scanner := w.Browser("scanner")
			scanner.Do(http.MethodHead, to, nil)
			scanner.Open(to).WantStep("set_password")
			row := must(w.Store.Person(t.Context(), c.who.ID))(t)
			want(t, name+": after the scanner", row.Contacts[0].VerifiedAt.IsZero(), true)

			c.who.Password = newPassword
			setPassword(w.Browser(name), to, newPassword).WantStep("password_set")
			want(t, name+": email_verified", verified(w, c.who), true)
			row = must(w.Store.Person(t.Context(), c.who.ID))(t)
			want(t, name+": the mailbox that was enough", row.PasswordVia, c.who.Email)
		}
	}, servertest.With(crm))
	t.Run("a change from within", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			b := w.Browser("dora")
			w.SignedIn(b, w.RP1, w.U2)
			changePassword(t, w, b, w.U2, newPassword)
			want(t, "email_verified", verified(w, w.U2), true)
		})
	})
	t.Run("but not for whoever has it from hearsay", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			// Mallory's provider says that she has Dora's address, which she never proved. Dora follows the link of the wrong account.
			ctx, now := t.Context(), time.Now()
			p := must(user.FromIdentity(ctx, w.Store, user.Social{
				Provider: "social", Subject: "mallory", Username: "mallory", Locale: "en", Now: now.Add(-time.Hour),
				Emails: []user.SocialEmail{{Address: w.U2.Email, Verified: true}},
			}))(t)
			if err := w.Store.ProveIdentity(ctx, "social", "mallory", now); err != nil {
				t.Fatal(err)
			}
			dora := must(w.Store.Person(ctx, w.U2.ID))(t)
			if err := user.SetPassword(ctx, w.Store, p, dora.PasswordHash, user.Proof{OwnFactor: true}, time.Hour, now); err != nil {
				t.Fatal(err)
			}
			// A login that Dora linked to the account that the operator made for her is no hearsay about it.
			i := &storage.Identity{Provider: "social", Subject: "dora", PersonID: dora.ID, Emails: []string{w.U2.Email}, ProvedAt: now, Created: now.Add(time.Minute)}
			if err := w.Store.PutIdentity(ctx, i); err != nil {
				t.Fatal(err)
			}
			for _, who := range []*storage.Person{p, dora} {
				forgot(w.Browser("forgot"), who.Username)
				setPassword(w.Browser("dora"), link(t, w, w.U2.Email), newPassword).WantStep("password_set")
				row := must(w.Store.Person(ctx, who.ID))(t)
				want(t, who.Username+": unverified", row.Contacts[0].VerifiedAt.IsZero(), who == p)
			}
		})
	})
	t.Run("another address of the account stays as it was", func(t *testing.T) {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			ctx := t.Context()
			other := &storage.Contact{ID: "other", PersonID: w.U2.ID, Channel: "email", Address: "other@rossi.test", Canonical: "other@rossi.test", Created: time.Now()}
			if err := w.Store.PutContact(ctx, other); err != nil {
				t.Fatal(err)
			}
			forgot(w.Browser("forgot"), w.U2.Email)
			setPassword(w.Browser("dora"), link(t, w, w.U2.Email), newPassword).WantStep("password_set")
			for _, c := range must(w.Store.Person(ctx, w.U2.ID))(t).Contacts {
				want(t, c.Address, c.VerifiedAt.IsZero(), c.ID == "other")
			}
		})
	})
}

// G02: mail scanners open links; people open them twice, late, in two tabs.
func TestG02ALinkIsUsedOnceAndByAPostOnly(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		forgot(b, w.U2.Username)
		to := link(t, w, w.U2.Email)
		before := w.Dump()
		for range 3 {
			scanner := w.Browser("scanner")
			scanner.Do(http.MethodHead, to, nil)
			scanner.Open(to).WantStep("set_password")
			scanner.Do(http.MethodHead, origin+"/password/reset", nil)
		}
		want(t, "a GET changed the database", w.Dump() == before, true)

		// Used in one tab; the other one had the form open.
		one, two := b.Tab("one"), b.Tab("two")
		two.Open(to).WantStep("set_password").FillID("password", "quattro pere mature sul tavolo")
		setPassword(one, to, newPassword).WantStep("password_set")
		two.Submit("password-submit").WantStatus(http.StatusGone)
		dead(t, w.Browser("later"), to)
		if len(w.Records("pw.reset.rejected")) == 0 {
			t.Error("no record of the refused link")
		}

		// Nonsense, a link of another purpose, and one that expired.
		dead(t, w.Browser("nobody"), origin+"/password/reset?t=nonsense")
		dead(t, w.Browser("nobody"), origin+"/password/reset?t="+strings.Repeat("a", 4000))
		dead(t, w.Browser("nobody"), origin+"/password/reset")
		dead(t, w.Browser("purpose"), strings.Replace(links(t, w, w.U2.Email, notMeLink)[0], "/not-me", "/password/reset", 1))
		time.Sleep(time.Hour)
		forgot(b, w.U2.Username)
		late := link(t, w, w.U2.Email)
		time.Sleep(30*time.Minute + time.Second)
		dead(t, w.Browser("late"), late)

		// A password that was changed by another link takes the pending one along; so does a disabled account.
		time.Sleep(time.Hour)
		forgot(b, w.V.Username)
		pending := link(t, w, w.V.Email)
		v := w.Browser("vera")
		w.SignedIn(v, w.RP1, w.V)
		v.Open(origin + "/password").WantStep("change_password").Submit("change-password").WantStep("change_password_sent").WantText("Go to the home page")
		setPassword(v, link(t, w, w.V.Email), newPassword).WantStep("password_set")
		dead(t, w.Browser("pending"), pending)
		time.Sleep(time.Hour)
		forgot(b, w.V.Username)
		gone := link(t, w, w.V.Email)
		switchOff(t, w, w.V.ID)
		dead(t, w.Browser("disabled"), gone)
	})
}

func TestG02TwentyUsesAtOnceSetOnePassword(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		forgot(w.Browser("dora"), w.U2.Username)
		secret := must(url.Parse(link(t, w, w.U2.Email)))(t).Query().Get("t")
		tag := w.Browser("dora").Open(link(t, w, w.U2.Email)).WantStep("set_password").Tag()
		var (
			wg  sync.WaitGroup
			mu  sync.Mutex
			got = map[int]int{}
		)
		for range 20 {
			wg.Go(func() {
				r := httptest.NewRequest(http.MethodPost, origin+"/password/reset", strings.NewReader(url.Values{"password": {newPassword}, "shown": {tag}}.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				r.AddCookie(&http.Cookie{Name: linkCookie, Value: secret})
				rec := httptest.NewRecorder()
				w.Server.Handler().ServeHTTP(rec, r)
				mu.Lock()
				got[rec.Code]++
				mu.Unlock()
			})
		}
		wg.Wait()
		want(t, "one was used", got[http.StatusSeeOther], 1)
		want(t, "records", len(w.Records("pw.reset.used")), 1)
		for code := range got {
			if code != http.StatusSeeOther && code != http.StatusGone && code != http.StatusServiceUnavailable && code != http.StatusUnprocessableEntity {
				t.Errorf("%d answers of %d", got[code], code)
			}
		}
	})
}

// G04: the link has the configured host, whatever the request says.
func TestG04TheLinkHasTheConfiguredHost(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		ask := func(change func(*http.Request)) int {
			r := httptest.NewRequest(http.MethodPost, origin+"/forgot", strings.NewReader("username="+w.U2.Username))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			change(r)
			rec := httptest.NewRecorder()
			w.Server.Handler().ServeHTTP(rec, r)
			return rec.Code
		}
		want(t, "Host", ask(func(r *http.Request) { r.Host = "evil.test" }), http.StatusMisdirectedRequest)
		want(t, "absolute form", ask(func(r *http.Request) { r.URL.Host = "evil.test" }), http.StatusMisdirectedRequest)
		want(t, "mails so far", len(w.Mails(w.U2.Email)), 0)
		for name, value := range map[string]string{
			"X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test;proto=http", "X-Forwarded-Proto": "http", "X-Original-Url": "//evil.test/", "Origin": origin,
		} {
			want(t, name, ask(func(r *http.Request) { r.Header.Set(name, value) }), http.StatusSeeOther)
			for _, m := range w.Mails(w.U2.Email) {
				if strings.Contains(m.Text+m.HTML, "evil") || !strings.Contains(m.Text, origin+"/password/reset?t=") {
					t.Errorf("%s: %s", name, m.Text)
				}
			}
		}
		want(t, "mails", len(w.Mails(w.U2.Email)), 5)
	})
}

// W08: the secret leaves the URL at once and goes nowhere.
func TestW08TheSecretOfALinkLeavesTheURLAtOnce(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		forgot(w.Browser("dora"), w.U2.Username)
		to := link(t, w, w.U2.Email)
		secret := must(url.Parse(to))(t).Query().Get("t")
		b := w.Browser("mail")
		b.Do(http.MethodGet, to, nil).WantStatus(http.StatusSeeOther)
		want(t, "Location", b.Header().Get("Location"), "/password/reset")
		want(t, "Referrer-Policy", b.Header().Get("Referrer-Policy"), "no-referrer")
		want(t, "Cache-Control", b.Header().Get("Cache-Control"), "no-store")
		cookie := b.Header().Get("Set-Cookie")
		for _, part := range []string{linkCookie + "=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1800"} {
			if !strings.Contains(cookie, part) {
				t.Errorf("cookie %q lacks %s", cookie, part)
			}
		}
		b.Open(to).WantStep("set_password")
		want(t, "address bar", b.URL().String(), origin+"/password/reset")
		if strings.Contains(string(b.Body()), secret) || strings.Contains(w.Logs.String(), secret) || strings.Contains(w.Dump(), secret) {
			t.Error("the secret is on the page, in the logs or in the database")
		}
		for _, l := range b.Links() {
			if u := must(url.Parse(l))(t); u.Host != servertest.SSO && u.Host != servertest.Panel {
				t.Errorf("the page leads to %s", l)
			}
		}
	})
}

// L02: who asks learns nothing about accounts; the mailbox does.
func TestL02AskingForALinkReadsTheSameForEveryone(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		social(t, w, "sofia", "sofia@rossi.test")
		off := w.Create(&servertest.Person{Username: "olga", Password: "otto remi di legno chiaro", Email: "olga@rossi.test"})
		switchOff(t, w, off.ID)
		var first string
		for _, who := range []string{w.U2.Username, w.U2.Email, "niemand", "nobody@nowhere.test", "sofia", off.Username, off.Email, "\u0000x", strings.Repeat("x", 2000)} {
			b := w.Browser(who)
			b.IP = "203.0.113.8"
			if strings.Contains(who, "\x00") {
				continue
			}
			b.Open(origin+"/forgot").FillID("username", who).Submit("forgot-submit").WantStep("forgot_sent")
			id := b.Header().Get("X-Request-Id")
			chain := b.Chain()
			got := strings.ReplaceAll(string(b.Body()), id, "REF")
			for _, hop := range chain {
				got += "\n" + hop.URL + " " + http.StatusText(hop.Status)
			}
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%s: the answer is another one:\n%s", who, got)
			}
		}
		for address, mails := range map[string]int{w.U2.Email: 2, "sofia@rossi.test": 1, off.Email: 0, "nobody@nowhere.test": 0} {
			want(t, "mails to "+address, len(w.Mails(address)), mails)
		}
		said := w.Mails("sofia@rossi.test")[0]
		if !strings.Contains(said.Text, "sofia") || !strings.Contains(said.Text, "sign in with Social") || resetLink.MatchString(said.Text) {
			t.Errorf("a social-only person reads:\n%s", said.Text)
		}
		b := w.Browser("empty")
		b.Open(origin + "/forgot").Submit("forgot-submit").WantStatus(422).WantText("Enter your user name")
	})
}

// switchOff disables an account, as the operator's own system does.
func switchOff(t *testing.T, w *servertest.World, id string) {
	t.Helper()
	p := must(w.Store.Person(context.Background(), id))(t)
	p.Disabled = true
	if err := w.Store.UpdatePerson(context.Background(), p); err != nil {
		t.Fatal(err)
	}
}

// social makes somebody who signs in by a provider only.
func social(t *testing.T, w *servertest.World, name, address string) *storage.Person {
	t.Helper()
	p, err := user.FromIdentity(context.Background(), w.Store, user.Social{
		Provider: "social", Subject: name, Username: name, Locale: "en", Now: time.Now().Add(-time.Hour),
		Emails: []user.SocialEmail{{Address: address, Verified: true, Authoritative: true}},
	})
	return must(p, err)(t)
}

func TestOneMailboxOfSeveralAccountsGetsOneMailWithALinkForEach(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		const box = "famiglia@rossi.test"
		var people []*servertest.Person
		for _, name := range []string{"anna", "berta", "chiara"} {
			people = append(people, w.Create(&servertest.Person{Username: name, Password: "cinque nuvole basse e " + name + "x", Email: box}))
		}
		social(t, w, "delia", "delia@rossi.test")
		b := w.Browser("mother")
		forgot(b, box)
		mails := w.Mails(box)
		want(t, "mails", len(mails), 1)
		all := links(t, w, box, resetLink)
		want(t, "links", len(all), 3)
		for _, p := range people {
			if !strings.Contains(mails[0].Text, "Account "+p.Username+":") {
				t.Errorf("%s is not named:\n%s", p.Username, mails[0].Text)
			}
		}
		b.Open(all[1]).WantStep("set_password")
		name := b.Value("username", "value")
		setPassword(b, all[1], newPassword).WantStep("password_set")
		for _, p := range people {
			if p.Username == name {
				wrongPassword(w.Browser(p.Username), w.RP1, p)
				p.Password = newPassword
			}
			w.SignedIn(w.Browser(p.Username), w.RP1, p)
		}
		b.Open(all[0]).WantStep("set_password") // each account's link is its own

		// By user name only that account is meant.
		forgot(b, "anna")
		want(t, "links by user name", len(links(t, w, box, resetLink)), 1)
	})
}

func TestLinksAreSentAtAPace(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for range 8 {
			forgot(w.Browser("impatient"), w.U2.Username)
		}
		want(t, "mails in an hour", len(w.Mails(w.U2.Email)), 5)
		time.Sleep(61 * time.Minute)
		forgot(w.Browser("impatient"), w.U2.Email)
		want(t, "mails after it", len(w.Mails(w.U2.Email)), 6)

		flood := w.Browser("flood")
		flood.IP = "198.51.100.9"
		for range 30 {
			forgot(flood, "nobody")
		}
		flood.Open(origin+"/forgot").FillID("username", w.V.Username).Submit("forgot-submit").WantStatus(http.StatusTooManyRequests)
		if flood.Header().Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		want(t, "mails through the flood", len(w.Mails(w.V.Email)), 0)
		forgot(w.Browser("neighbour"), w.V.Username)
	})
}

// L13, L09: a password that cannot be is refused with its reason, and the link is still good.
func TestL13NewPasswordIsRefusedWithItsReason(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		forgot(w.Browser("dora"), w.U2.Username)
		b := w.Browser("dora")
		b.Open(link(t, w, w.U2.Email)).WantStep("set_password")
		want(t, "autocomplete", b.Value("password", "autocomplete"), "new-password")
		want(t, "user name shown", b.Value("username", "value"), w.U2.Username)
		for _, c := range []struct {
			password, says string
			status         int
		}{
			{"", "Enter the new password.", 422},
			{"short", "too short", 422},
			{"password1234", "first that anyone would try", 422},
			{"abcdefghijklmnop", "keyboard rows", 422},
			{"dora@rossi.test", "too much like", 422},
			{"Example Hosting", "too much like", 422},
			{w.U2.Password, "already have", 422},
			{strings.Repeat("a1b2 ", 205), "too long", 400},
		} {
			b.FillID("password", c.password).Submit("password-submit").WantStatus(c.status).WantStep("set_password").WantText(c.says)
			if c.password != "" && strings.Contains(string(b.Body()), `value="`+c.password) {
				t.Errorf("the page echoes %q", c.password)
			}
		}
		b.FillID("password", "  "+newPassword+" è 😀 ").Submit("password-submit").WantStep("password_set")
		w.U2.Password = "  " + newPassword + " è 😀 "
		w.SignedIn(w.Browser("dora"), w.RP1, w.U2)
	})
}

// Promise 9: asking for the change ends this session, setting ends all; the old password was given, so the mailbox alone was not enough.
func TestPasswordChangeGoesThroughAMailedLink(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		desk, phone := w.Browser("desk"), w.Browser("phone")
		w.SignedIn(desk, w.RP1, w.U2)
		w.SignedIn(phone, w.RP2, w.U2)
		desk.Open(origin + "/password").WantStep("change_password").Submit("change-password").WantStep("change_password_sent")
		desk.Open(w.RP1.Login("prompt", "none"))
		want(t, "this session", w.RP1.Last().Error, "login_required")
		phone.Open(w.RP2.Login("prompt", "none"))
		want(t, "the other one, before", w.RP2.Last().Error, "")
		setPassword(desk, link(t, w, w.U2.Email), newPassword).WantStep("password_set")
		phone.Open(w.RP2.Login("prompt", "none"))
		want(t, "the other one, after", w.RP2.Last().Error, "login_required")
		row := must(w.Store.Person(context.Background(), w.U2.ID))(t)
		want(t, "PasswordVia", row.PasswordVia, "")
		w.U2.Password = newPassword
		w.SignedIn(desk, w.RP1, w.U2)

		out := w.Browser("nobody")
		out.Open(origin + "/password").WantStep("forgot")
		out.Post(out.URL(), origin+"/password", url.Values{}).WantStep("forgot")
		// Cross-site, nobody is signed out and nothing is mailed (W01).
		before := len(w.Mails(w.U2.Email))
		desk.Tab("attack").Post(must(url.Parse("https://"+servertest.Evil+"/"))(t), origin+"/password", url.Values{}).WantStatus(http.StatusForbidden)
		want(t, "mails", len(w.Mails(w.U2.Email)), before)
	})
}

// The cookie of somebody else who was signed in there went away and the session did not: "sign out" said done, and what
// hung on it went on. The random walk found it.
func TestALinkOfAnotherAccountLeavesWhoIsSignedInThere(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("both").Open(w.RP1.Login()).SignIn(w.V)
		forgot(w.Browser("dora"), w.U2.Username)
		w.Deliver()
		setPassword(b, link(t, w, w.U2.Email), newPassword).WantStep("password_set")
		b.Open(origin + "/account").WantStep("account").WantText(w.V.Username)
		b.Open(origin + "/end_session").WantStep("logout").Submit("logout-confirm").WantStep("logged_out")
		b.Open(origin + "/account").WantStep("login")

		own := w.Browser("own").Open(w.RP1.Login()).SignIn(w.V)
		forgot(own.Tab("forgot"), w.V.Username)
		w.Deliver()
		setPassword(own, link(t, w, w.V.Email), newPassword).WantStep("password_set")
		own.Open(origin + "/account").WantStep("login")
	})
}
