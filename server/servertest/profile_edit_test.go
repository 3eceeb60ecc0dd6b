package servertest_test

import (
	"net/url"
	"strconv"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/user"
)

// People change the details that the operator lets them: behind the step of the area, only the editable ones whatever the form
// brings (T06), never over a newer state, and the operator's program can be told.
func TestT06PeopleChangeTheDetailsTheyMay(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		details := func() user.Profile {
			return must(user.ParseProfile(must(w.Store.Person(t.Context(), w.U2.ID))(t).Profile))(t)
		}
		const page = accountURL + "/profile/edit"
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(page).WantStep("otp").WantText("needed to see and change your personal details").GiveCode(w.Code(w.U2.Email)).WantStep("account_edit")
		stale := b.Tab("another tab")
		stale.Open(page).WantStep("account_edit")
		b.FillID("nickname", " Dorina ").FillID("street_address", "Via Roma 1").FillID("locality", "Roma").Submit("edit-submit").WantStep("account_profile").WantText("Your details are saved").WantText("Via Roma 1, Roma")
		want(t, "nickname", details().Nickname, "Dorina")
		stale.FillID("nickname", "Dodo").Submit("edit-submit").WantStatus(409).WantText("changed meanwhile")
		want(t, "after the stale tab", details().Nickname, "Dorina")

		b.Open(page).FillID("birthdate", "yesterday").Submit("edit-submit").WantStatus(422).WantText("check how it is written")
		b.Open(page).FillID("nickname", "<script>alert(1)</script>").Submit("edit-submit")
		b.Open(page).FillID("nickname", "a\u202eb").Submit("edit-submit").WantStatus(422)

		before := must(w.Store.Person(t.Context(), w.U2.ID))(t)
		b.Open(page)
		b.Post(b.URL(), page, url.Values{
			"version": {strconv.FormatInt(before.Version, 10)}, "nickname": {"Dora"}, "name": {"Somebody Else"}, "customer_number": {"1"}, "username": {"root"}, "groups": {"admins"}, "email": {"evil@evil.test"}, "claims": {"{}"},
			"street_address": {"Via Roma 1"}, "locality": {"Roma"},
		}).WantStep("account_profile")
		after := must(w.Store.Person(t.Context(), w.U2.ID))(t)
		want(t, "nickname", details().Nickname, "Dora")
		want(t, "name", details().Name, must(user.ParseProfile(before.Profile))(t).Name)
		want(t, "user name", after.Username, before.Username)
		want(t, "customer number", after.CustomerNumber, before.CustomerNumber)
		want(t, "contacts", len(after.Contacts), len(before.Contacts))
		want(t, "records", len(w.Records("person.updated")) >= 2, true)

		thief := w.Browser("thief with the password")
		thief.Open(page).SignIn(w.U2).WantStep("otp")
		thief.Post(thief.URL(), page, url.Values{"nickname": {"Thief"}}).WantStep("otp")
		want(t, "after the thief", details().Nickname, "Dora")
	}, servertest.With(func(f *config.File) { f.Profile.Editable = []string{"nickname", "birthdate", "address"} }))
}
