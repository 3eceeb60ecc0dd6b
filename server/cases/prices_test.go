package cases

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// What a change in the account area costs. Account consoles are the classic way around a step-up (CVE-2026-3429 of Keycloak), so
// each has its price and none is without.
type price int

const (
	asSignedIn price = iota // the session alone: it takes nothing of the protection away, or only from a thief
	ofTheArea               // the second step of this session, as a sensitive area (help promise 1)
	fresh                   // a second step of the last five minutes
	begun                   // … of the last fifteen, for the end of what such a step began
	itsOwn                  // a step that was given for this very change
	theStep                 // the step itself: it is what the others cost
	nothing                 // it leads away and changes nothing
)

// prices of every form of the area. There is none that is not here.
var prices = map[price]string{
	asSignedIn: `/account/activity/not-me /account/sessions/everywhere /account/panels/revoke`,
	ofTheArea:  `/account/profile/edit`,
	fresh: `/account/factors/enrol /account/factors/every /account/factors/recovery /account/factors/{factor}/remove
		/account/factors/{factor}/channel/send /account/number/enrol /account/number/notices
		/account/contacts/{contact}/primary /account/contacts/{contact}/codes /account/contacts/{contact}/remove
		/account/contacts/{contact}/settle /account/email
		/account/sessions/end /account/sessions/others /account/logins/link /account/logins/unlink`,
	begun: `/account/factors/enrol/confirm /account/factors/enrol/code /account/factors/enrol/send /account/factors/enrol/way
		/account/factors/recovery/confirm /account/factors/{factor}/channel/code
		/account/number/enrol/code /account/number/enrol/send /account/number/enrol/way /account/email/code /account/email/send`,
	itsOwn: `/account/factors/{factor}/swap/enrol /account/factors/{factor}/swap/enrol/confirm
		/account/factors/{factor}/swap/enrol/code /account/factors/{factor}/swap/enrol/send /account/factors/{factor}/swap/enrol/way`,
	theStep: `/account/confirm/{action}/code /account/confirm/{action}/send /account/confirm/{action}/way`,
	nothing: `/account/confirm/{action}/cancel /account/factors/enrol/cancel /account/factors/cancel /account/factors/{factor}/channel/cancel
		/account/factors/{factor}/swap/enrol/cancel /account/factors/{factor}/swap/cancel /account/number/enrol/cancel /account/number/cancel
		/account/email/way /account/email/cancel`,
}

const another = "another person with a fresh step"

// callers of the forms, with what each may do.
var callers = []struct {
	name string
	may  []price
}{
	{"the password alone", []price{asSignedIn}},
	{"a step twenty minutes old", []price{asSignedIn, ofTheArea}},
	{"a fresh step", []price{asSignedIn, ofTheArea, fresh, begun}},
	{"a quarantine", nil},
	{another, nil},
	{"a fresh step, from a page of another origin", nil},
}

func TestG09TheTableOfPrices(t *testing.T) {
	of := map[string]price{}
	for p, patterns := range prices {
		for _, pattern := range strings.Fields(patterns) {
			of[pattern] = p
		}
	}
	var mutations []string
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for _, row := range w.Server.Routes() {
			if !strings.HasPrefix(row.Pattern, "/account") || row.Methods[0] != http.MethodPost {
				continue
			}
			p, known := of[row.Pattern]
			if !known {
				t.Errorf("POST %s has no price", row.Pattern)
			}
			if p < theStep {
				mutations = append(mutations, row.Pattern)
			}
			delete(of, row.Pattern)
		}
		for pattern := range of {
			t.Errorf("%s is no form", pattern)
		}
	})
	if last := slices.Index(mutations, "/account/sessions/everywhere"); last >= 0 { // it signs out
		mutations = append(slices.Delete(mutations, last, last+1), "/account/sessions/everywhere")
	}
	passed, rightful := 0, 0
	for _, c := range callers {
		for p, patterns := range prices {
			for _, pattern := range strings.Fields(patterns) {
				of[pattern] = p
			}
		}
		var may, mayNot []string
		for _, m := range mutations {
			if slices.Contains(c.may, of[m]) {
				may = append(may, m)
			} else {
				mayNot = append(mayNot, m)
			}
		}
		rightful += len(may)
		for _, number := range []bool{false, true} { // who may not changes nothing, so one world does for all of a kind
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				s := newCaller(w, c.name, number)
				for _, m := range mayNot {
					if number != strings.Contains(m, "/channel") {
						continue
					}
					before := s.owned()
					if s.does(m) && c.name != another { // who changes what is their own, at most
						t.Errorf("%s: POST %s is let through: %d %s", c.name, m, s.b.Status(), s.b.Header().Get("Location"))
					}
					if diff := cmp.Diff(before, s.owned()); diff != "" {
						t.Errorf("%s: POST %s changed the account:\n%s", c.name, m, diff)
					}
				}
			}, priced, servertest.ByPhone())
		}
		for _, m := range may {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				if s := newCaller(w, c.name, strings.Contains(m, "/channel")); s.does(m) {
					passed++
				} else {
					t.Errorf("%s: POST %s is refused: %d %s", c.name, m, s.b.Status(), s.b.Header().Get("Location"))
				}
			}, priced, servertest.ByPhone())
		}
	}
	if passed != rightful {
		t.Errorf("%d passed, %d may", passed, rightful)
	}
	t.Logf("%d mutations × %d callers, %d passed, and that many may", len(mutations), len(callers), passed)
}

var priced = servertest.With(func(f *config.File) {
	f.SecondFactor.EverySignIn = "when_chosen" // so that a password alone is inside
	f.Profile.Editable = []string{"nickname"}
})

// caller is somebody at the account of the owner, U1, who has an app, a number on file, linked logins and another session; with
// number it is a second factor as well.
type caller struct {
	w       *servertest.World
	b       *servertest.Browser
	origin  bool
	factor  string
	number  string
	login   string
	session string
}

func newCaller(w *servertest.World, name string, number bool) *caller {
	ctx, now := w.T.Context(), w.Store.Now()
	s := &caller{w: w, origin: true, number: "number"}
	ok(w, w.Store.PutContact(ctx, &storage.Contact{ID: s.number, PersonID: w.U1.ID, Channel: "phone", Address: "+393331234567", Canonical: "+393331234567", VerifiedAt: now.Add(-time.Hour * 1000)}))
	for id, rests := range map[string]time.Duration{"second": 0, "resting": 23 * time.Hour} {
		c := &storage.Contact{ID: id, PersonID: w.U1.ID, Channel: "email", Address: id + "@rossi.test", Canonical: id + "@rossi.test", VerifiedAt: now, Created: now}
		if rests > 0 {
			c.RestsUntil = now.Add(rests)
		}
		ok(w, w.Store.PutContact(ctx, c))
	}
	for _, subject := range []string{"one", "two"} {
		ok(w, w.Store.PutIdentity(ctx, &storage.Identity{Provider: "social", Subject: subject, PersonID: w.U1.ID, Created: now, ProvedAt: now}))
	}
	owner, err := w.Store.Person(ctx, w.U1.ID)
	ok(w, err)
	s.factor = owner.Factors[0].ID
	elsewhere := w.Browser("elsewhere")
	elsewhere.Open(w.RP1.Login("scope", "openid")).SignIn(w.U1)
	all, err := w.Store.SessionsOf(ctx, w.U1.ID, w.Store.Now())
	ok(w, err)
	s.session = all[0].ID
	time.Sleep(time.Minute)

	s.b = w.Browser(name)
	step := func(p *servertest.Person, code func() string) {
		s.b.Open(w.RP1.Login("scope", "openid", "acr_values", "mfa")).SignIn(p).WantStep("otp").GiveCode(code())
	}
	switch name {
	case "the password alone":
		s.b.Open(w.RP1.Login("scope", "openid")).SignIn(w.U1)
	case "a step twenty minutes old":
		step(w.U1, w.U1.AppCode)
		time.Sleep(20 * time.Minute)
	case "a quarantine":
		s.b.Open(w.RP1.Login()).Click("Continue with Social").SignIn(w.Carla)
		return s
	case another:
		step(w.V, func() string { return w.Code(w.V.Email) })
	default:
		step(w.U1, w.U1.AppCode)
		s.origin = name == "a fresh step"
	}
	if number { // only now, so that the step above is the app's
		w.AddNumber(w.U1, "+393331112223", "sms")
		owner, err = w.Store.Person(ctx, w.U1.ID)
		ok(w, err)
		s.factor = owner.Factors[slices.IndexFunc(owner.Factors, func(f *storage.Factor) bool { return f.Method == "sms" })].ID
	}
	s.b.Open(here + "/account").WantStep("account")
	if name != another {
		s.login = s.linked()
	}
	return s
}

var unlinks = regexp.MustCompile(`id="unlink-([0-9a-f]+)"`)

func ok(w *servertest.World, err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// linked is how the page names the login that is unlinked.
func (s *caller) linked() string {
	s.b.Open(here + "/account/logins").WantStep("account_logins")
	found := unlinks.FindSubmatch(s.b.Body())
	if found == nil {
		s.w.T.Fatal("no login to unlink")
	}
	return string(found[1])
}

var hostile = &url.URL{Scheme: "https", Host: "evil.test", Path: "/"}

// does sends the form of a mutation and reports whether it was let through: neither a step nor a sign-in is asked, and nothing is refused.
func (s *caller) does(pattern string) bool {
	owner, err := s.w.Store.Person(s.w.T.Context(), s.w.U1.ID)
	ok(s.w, err)
	form := url.Values{
		"session": {s.session}, "contact": {s.number}, "notices": {"on"}, "login": {s.login}, "provider": {"social"}, "panel": {"panel"}, "every": {"on"},
		"method": {"sms"}, "number": {"+393337654321"}, "country": {"IT"}, "password": {s.w.U1.Password}, "nickname": {"Changed"},
		"codes": {"off"}, "email": {"new@rossi.test"},
		"version": {strconv.FormatInt(owner.Version, 10)}, "way": {"sms:x"}, "otp": {"123456"}, "code": {"123456"},
	}
	mailbox := "second"
	if strings.HasSuffix(pattern, "/settle") {
		mailbox = "resting"
	}
	path := strings.NewReplacer("{factor}", s.factor, "{contact}", mailbox).Replace(pattern)
	if s.origin {
		s.b.Do(http.MethodPost, here+path, form)
	} else {
		s.b.Post(hostile, here+path, form)
	}
	to := s.b.Header().Get("Location")
	switch {
	case s.b.Status() == http.StatusForbidden, s.b.Status() == http.StatusNotFound, s.b.Status() == http.StatusConflict:
		return false
	case strings.Contains(to, "/account/confirm/"), strings.Contains(to, "/account/sign-in"), strings.Contains(to, "/account/factors/new"):
		return false
	}
	return true
}

// owned is what the owner has: the account, its sessions.
func (s *caller) owned() any {
	ctx := s.w.T.Context()
	person, err := s.w.Store.Person(ctx, s.w.U1.ID)
	ok(s.w, err)
	sessions, err := s.w.Store.SessionsOf(ctx, s.w.U1.ID, s.w.Store.Now())
	ok(s.w, err)
	for _, one := range sessions {
		one.LastSeen, one.IdleUntil = time.Time{}, time.Time{}
	}
	return []any{person, sessions}
}
