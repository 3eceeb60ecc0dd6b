package servertest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// withGroups has a scope for what people belong to, a panel that gets it in the ID token, and dora on the staff.
func withGroups(f *config.File) {
	crm(f)
	f.Scopes["org"] = config.FileScope{OnUnmet: "step_up", Claims: []string{"groups", "roles"}}
	f.Groups = map[string]config.FileGroup{
		"staff":  {Roles: []string{"mail-admin"}, Members: []string{"Dora"}},
		"admins": {Roles: []string{"mail-admin", "dns-admin"}},
	}
	f.Clients[0].Scopes = append(f.Clients[0].Scopes, "org")
	f.Clients[0].ClaimsIn = []string{"id_token", "userinfo"}
}

func TestGroupsAndRolesReachAPanel(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		told := func(claims map[string]any) string { return fmt.Sprint(claims["groups"], claims["roles"]) }
		org := []string{"scope", "openid org"}
		got := w.SignedIn(w.Browser("dora"), w.RP1, w.U2, org...)
		want(t, "by the YAML, ID token", told(got.Claims), "[staff] [mail-admin]")
		want(t, "userinfo", told(got.UserInfo), "[staff] [mail-admin]")
		want(t, "without the scope", told(w.SignedIn(w.Browser("again"), w.RP1, w.U2, "scope", "openid").Claims), "<nil> <nil>")
		want(t, "in no group", told(w.SignedIn(w.Browser("vera"), w.RP1, w.V, org...).Claims), "<nil> <nil>")

		api := newBackend(t, w, "crm")
		made := api.call("PUT", "/api/people/C-7", `{"username":"mario","emails":["mario@rossi.test"],"groups":["shop","admins"]}`)
		want(t, "create", made.status, 201)
		p := &servertest.Person{Username: "mario", Password: "sette nani nel bosco", Email: "mario@rossi.test"}
		b := w.Browser("mario")
		setPassword(b, link(t, w, p.Email), p.Password)
		got = w.SignedIn(b, w.RP1, p, org...)
		want(t, "by the people API; shop is a name only", told(got.Claims), "[admins shop] [dns-admin mail-admin]")

		want(t, "a PUT that knows no groups", api.call("PUT", "/api/people/C-7", `{"username":"mario","emails":["mario@rossi.test"],"name":"Mario"}`).status, 200)
		refreshed := func() map[string]any {
			t.Helper()
			res, err := w.RP1.Refresh(got.Token.RefreshToken)
			if err != nil {
				t.Fatal(err)
			}
			return res.Claims
		}
		want(t, "leaves them", told(refreshed()), "[admins shop] [dns-admin mail-admin]")
		want(t, "as a claim of one's own", api.call("PATCH", "/api/people/C-7", `{"claims":{"roles":["root"],"groups":["x"]}}`).status, 422)
		want(t, "a name that is two to a panel", api.call("PATCH", "/api/people/C-7", `{"groups":["shop admins"]}`).status, 422)
		want(t, "patch", api.call("PATCH", "/api/people/C-7", `{"groups":["shop"]}`).status, 200)
		want(t, "on record", slices.ContainsFunc(w.Records("person.updated"), func(ev *storage.Event) bool {
			return string(ev.Detail) == `{"groups_removed":["admins"]}`
		}), true)
		want(t, "from the next refresh on", told(refreshed()), "[shop] <nil>")
	}, servertest.With(withGroups))
}

// staffNeedsMFA gives the staff a floor.
func staffNeedsMFA(f *config.File) {
	withGroups(f)
	staff := f.Groups["staff"]
	staff.Acr = "mfa"
	f.Groups["staff"] = staff
}

const staffWords = "Your account is in a group that always needs a code as well."

// A panel that knows nothing of levels, and one that lets scopes go when a level is missing: at both, whoever has the password
// of somebody on the staff gets nothing, and its owner is asked the code.
func TestWhoIsOnTheStaffIsAskedTheCodeEverywhere(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		thief := w.Browser("thief with a password")
		thief.Open(w.RP2.Login("scope", "openid")).SignIn(w.U2).WantStep("otp").WantText(staffWords)
		for _, rp := range []*servertest.RP{w.RP1, w.RP2} {
			thief.Open(rp.Login("scope", "openid", "acr_values", "sfa")).WantStep("otp")
			thief.Open(rp.Login("scope", "openid", "claims", `{"id_token":{"acr":{"essential":true,"value":"sfa"}}}`)).WantStep("otp")
			thief.Open(rp.Login("scope", "openid", "prompt", "none"))
			want(t, "silently", rp.Last().Error, "interaction_required")
			thief.Open(rp.Login("scope", "openid")).WantStep("otp").Submit("cancel")
			want(t, "no", rp.Last().Error, "access_denied")
		}
		thief.Open(accountURL).WantStep("otp").WantText(staffWords)
		thief.Open(accountURL + "/sessions").WantStep("otp")

		time.Sleep(2 * time.Hour) // the thief had the codes of this one
		got := w.SignedIn(w.Browser("dora"), w.RP1, w.U2, "scope", "openid org")
		want(t, "the owner", got.Acr()+" "+got.Amr(), "mfa mca mfa otp pwd")
		want(t, "who is in no group", w.SignedIn(w.Browser("vera"), w.RP2, w.V, "scope", "openid").Acr(), "sfa")
	}, servertest.With(staffNeedsMFA))
}

// regroup puts somebody into groups and takes them out of others, as the operator does.
func regroup(t *testing.T, w *servertest.World, id string, add, remove []string) {
	t.Helper()
	d := &desk.Desk{By: desk.By{Actor: "operator"}}
	if err := w.Store.Tx(t.Context(), func(tx storage.Records) error {
		_, err := d.ChangeGroups(t.Context(), tx, &storage.Person{ID: id}, add, remove, time.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// Whoever comes into the group while a session lives: the next use of it asks.
func TestAGroupCountsFromTheNextUseOn(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		got := w.SignedIn(b, w.RP2, w.V, "scope", "openid email")
		b.Open(accountURL).WantStep("account")
		want(t, "userinfo before", w.RP2.UserInfoStatus(got.Token.AccessToken), 200)
		regroup(t, w, w.V.ID, []string{"staff"}, nil)
		want(t, "userinfo", w.RP2.UserInfoStatus(got.Token.AccessToken), 401)
		if _, err := w.RP2.Refresh(got.Token.RefreshToken); err == nil {
			t.Error("refreshed below the floor")
		}
		b.Open(w.RP2.Login("scope", "openid", "prompt", "none"))
		want(t, "silently", w.RP2.Last().Error, "interaction_required")
		b.Open(accountURL).WantStep("otp").WantText(staffWords)
		time.Sleep(2 * time.Minute) // another code
		b.Open(w.RP2.Login("scope", "openid email")).WantStep("otp").WantText(staffWords).GiveCode(w.Code(w.V.Email))
		got = w.RP2.Last()
		want(t, "with the code", got.Amr(), "mca mfa otp pwd")
		b.Open(accountURL).WantStep("account")
		if _, err := w.RP2.Refresh(got.Token.RefreshToken); err != nil {
			t.Error(err)
		}

		regroup(t, w, w.V.ID, nil, []string{"staff"})
		want(t, "out of the group again", w.SignedIn(w.Browser("again"), w.RP2, w.V, "scope", "openid").Acr(), "sfa")
	}, servertest.With(staffNeedsMFA))
}

// A floor that only the app reaches is for coming in. What the account area asks afresh is a second step, whichever: the
// session still holds the floor.
func TestTheFloorOfAGroupIsHeldByTheSessionNotByEachConfirmation(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.AddNumber(w.U1, mobile, "sms")
		b := w.Browser("ugo")
		b.Open(accountURL).WantStep("login").SignIn(w.U1).WantStep("otp")
		want(t, "a text message in the place of the app", strings.Contains(b.Text(), "567"), false)
		b.GiveCode(w.U1.AppCode()).WantStep("account")
		time.Sleep(20 * time.Minute)
		number := numberID(t, w, w.U1)
		b.Open(accountURL + "/factors/" + number + "/remove").WantStep("otp").WantText("567")
		b.Open(b.URL().String() + "?way=sms:" + number).WantStep("otp").Submit("resend")
		b.GiveCode(w.CodeTo(mobile, "sms")).WantStep("account_remove")
	}, servertest.ByPhone(), servertest.With(func(f *config.File) {
		f.Acr = append(f.Acr, config.FileLevel{Name: "app", Second: []string{"totp"}})
		f.Groups = map[string]config.FileGroup{"root": {Acr: "app", Members: []string{"ugo"}}}
	}))
}

// numberID is the id of a person's number as a factor.
func numberID(t *testing.T, w *servertest.World, p *servertest.Person) string {
	t.Helper()
	factors := must(w.Store.Person(t.Context(), p.ID))(t).Factors
	i := slices.IndexFunc(factors, func(f *storage.Factor) bool { return f.Method == "sms" })
	return factors[i].ID
}

// The YAML's carla is somebody whom the operator will make. Whoever comes by a social login of that name is another one.
func TestANewcomerTakesNoNameThatTheYAMLPutsIntoAGroup(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("carla")
		viaSocial(b.Open(w.RP1.Login("scope", "openid org")), w.Carla).WantStep("otp").WantText(nextTime)
		made := must(w.Store.PeopleByEmail(t.Context(), w.Carla.Email))(t)[0]
		want(t, "her name", strings.HasPrefix(made.Canonical, "carla-"), true)
		regroup(t, w, made.ID, []string{"staff"}, nil)
		b.Open(b.URL().String()).WantStep("otp")
		want(t, "once a group asks for more each time: "+nextTime, strings.Contains(b.Text(), nextTime), false)
		regroup(t, w, made.ID, nil, []string{"staff"})
		b.GiveCode(w.Code(w.Carla.Email))
		want(t, "groups", w.RP1.Last().Claims["groups"], nil)
	}, servertest.With(func(f *config.File) {
		staffNeedsMFA(f)
		f.Registration.Mode = "open"
		staff := f.Groups["staff"]
		staff.Members = []string{"carla"}
		f.Groups["staff"] = staff
	}))
}
