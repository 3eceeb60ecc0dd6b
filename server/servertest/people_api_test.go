package servertest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// crm adds the operator's own system to the clients, and one that may only read.
func crm(f *config.File) {
	f.Registration = &config.FileRegistration{Mode: "closed", PeopleAPI: true}
	for id, scopes := range map[string][]string{"crm": {"people.read", "people.write"}, "reader": {"people.read"}} {
		c := f.Clients[0]
		f.Clients = append(f.Clients, config.FileClient{
			ID: id, Secret: c.Secret, Grants: []string{"client_credentials"}, Scopes: scopes,
			PKCE: c.PKCE, AcrValues: c.AcrValues,
		})
	}
}

// backend is a program of the operator's that calls the API.
type backend struct {
	t     *testing.T
	w     *servertest.World
	token string
}

func newBackend(t *testing.T, w *servertest.World, client string) *backend {
	t.Helper()
	b := &backend{t: t, w: w}
	r, _ := http.NewRequest(http.MethodPost, origin+"/token", strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(client, w.RP1.Secret)
	var got struct {
		Token string `json:"access_token"`
		Scope string `json:"scope"`
	}
	if status := b.do(r, &got); status != 200 || got.Token == "" {
		t.Fatalf("client_credentials: %d", status)
	}
	b.token = got.Token
	return b
}

func (b *backend) do(r *http.Request, into any) int {
	b.t.Helper()
	res, err := b.w.Net.RoundTrip(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			b.t.Fatalf("%s %s: %d %s", r.Method, r.URL, res.StatusCode, body)
		}
	}
	return res.StatusCode
}

// told is an answer: a person or a problem.
type told struct {
	status int
	header http.Header

	ID             string   `json:"id"`
	Username       string   `json:"username"`
	CustomerNumber string   `json:"customer_number"`
	BillingProfile bool     `json:"billing_profile"`
	Name           string   `json:"name"`
	Emails         []string `json:"emails"`
	Phones         []string `json:"phones"`
	Verified       []string `json:"verified"`
	Disabled       bool     `json:"disabled"`

	Code   string `json:"code"`
	Errors []struct {
		Pointer string `json:"pointer"`
	} `json:"errors"`
}

func (b *backend) call(method, path, body string, headers ...string) told {
	b.t.Helper()
	r, _ := http.NewRequest(method, origin+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if b.token != "" {
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.w.Net.RoundTrip(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	out := told{status: res.StatusCode, header: res.Header}
	raw, _ := io.ReadAll(res.Body)
	if err := json.Unmarshal(raw, &out); err != nil {
		b.t.Fatalf("%s %s: %d %q", method, path, res.StatusCode, raw)
	}
	if kind := res.Header.Get("Content-Type"); out.status >= 400 && out.Code != "" && kind != "application/problem+json" {
		b.t.Errorf("%s %s: a problem as %s", method, path, kind)
	}
	for _, secret := range []string{"argon2", "password", "sealed", "totp"} {
		if strings.Contains(string(raw), secret) && out.status < 400 {
			b.t.Errorf("T06: the answer holds %s: %s", secret, raw)
		}
	}
	return out
}

const anna = `{"username":"anna","customer_number":"K-1001","billing_profile":true,"locale":"en","name":"Anna Neri","given_name":"Anna","emails":["anna@neri.test"],"phones":["+39 333 1234567"]}`

func TestPersonMadeByTheOperatorSetsAPasswordAndSignsIn(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api := newBackend(t, w, "crm")
		made := api.call("PUT", "/api/people/C-7", anna)
		want(t, "create", made.status, 201)
		want(t, "Location", made.header.Get("Location"), "/api/people/C-7")
		want(t, "verified by the operator", len(made.Verified), 0)
		again := api.call("PUT", "/api/people/C-7", anna)
		want(t, "the same again", again.status, 200)
		want(t, "changes nothing", again.header.Get("ETag"), made.header.Get("ETag"))
		want(t, "person.created", len(w.Records("person.created")), 1)
		want(t, "who", w.Records("person.created")[0].Actor, "crm")
		want(t, "person.updated", len(w.Records("person.updated")), 0)
		want(t, "mails", len(w.Mails("anna@neri.test")), 1)

		p := &servertest.Person{Username: "anna", Password: "sette nani nel bosco", Email: "anna@neri.test"}
		b := w.Browser("anna")
		setPassword(b, link(t, w, p.Email), p.Password)
		got := w.SignedIn(b, w.RP1, p)
		want(t, "sub", got.IDToken.Subject, made.ID)
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa")).WantStep("otp") // on file: the first correct code verifies it

		off := api.call("PATCH", "/api/people/C-7", `{"disabled":true}`, "Content-Type", "application/merge-patch+json")
		want(t, "disable", off.status, 200)
		want(t, "nothing else changed", off.Name, "Anna Neri")
		want(t, "access token at once", w.RP1.UserInfoStatus(got.Token.AccessToken), 401)
		if _, err := w.RP1.Refresh(got.Token.RefreshToken); err == nil {
			t.Error("a refresh token outlives the account")
		}
		b.Open(accountURL).WantStep("login")
		b.Open(w.RP1.Login()).WantStep("login").FillID("username", p.Username).FillID("password", p.Password).Submit("login-submit").WantStatus(422)
		want(t, "person.disabled", len(w.Records("person.disabled")), 1)
		want(t, "a PUT that does not speak of it", api.call("PUT", "/api/people/C-7", anna).Disabled, true)
		want(t, "enable", api.call("PATCH", "/api/people/C-7", `{"disabled":false}`).Disabled, false)
		w.SignedIn(w.Browser("anna again"), w.RP1, p)
	}, servertest.With(crm))
}

func TestPeopleAPIAnswersWithProblems(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api, reader, nobody := newBackend(t, w, "crm"), newBackend(t, w, "reader"), &backend{t: t, w: w}
		person := &backend{t: t, w: w, token: w.SignedIn(w.Browser("dora"), w.RP1, w.U2).Token.AccessToken}
		made := api.call("POST", "/api/people", `{"external_id":"C-8",`+anna[1:])
		want(t, "create", made.status, 201)
		etag := made.header.Get("ETag")
		for _, c := range []struct {
			who                *backend
			method, path, body string
			status             int
			code               string
			headers            []string
		}{
			{nobody, "GET", "/api/people/C-8", "", 401, "invalid_token", nil},
			{&backend{t: t, w: w, token: "x.y.z"}, "GET", "/api/people/C-8", "", 401, "invalid_token", nil},
			{person, "GET", "/api/people/C-8", "", 401, "invalid_token", nil},
			{reader, "PUT", "/api/people/C-9", anna, 403, "insufficient_scope", nil},
			{reader, "GET", "/api/people/C-8", "", 200, "", nil},
			{api, "GET", "/api/people/nobody", "", 404, "not_found", nil},
			{api, "PATCH", "/api/people/nobody", `{}`, 404, "not_found", nil},
			{api, "POST", "/api/people", `{"external_id":"C-8","username":"other"}`, 409, "exists", nil},
			{api, "PUT", "/api/people/C-9", `{"username":"ANNA"}`, 409, "username_taken", nil},
			{api, "PATCH", "/api/people/C-8", `{"username":"ugo"}`, 409, "username_taken", nil},
			{api, "PUT", "/api/people/C-8", anna, 412, "precondition_failed", []string{"If-Match", `"99"`}},
			{api, "PUT", "/api/people/C-8", anna, 412, "precondition_failed", []string{"If-None-Match", "*"}},
			{api, "PUT", "/api/people/C-8", anna, 200, "", []string{"If-Match", etag}},
			{api, "PUT", "/api/people/C-9", `{"username":"x","password":"twelve letters"}`, 422, "invalid_document", nil},
			{api, "PUT", "/api/people/C-9", `{"username":"x","emails":["nobody"]}`, 422, "invalid_document", nil},
			{api, "PUT", "/api/people/%3Cb%3E", `{"username":"x"}`, 422, "invalid_document", nil},
			{api, "PUT", "/api/people/C-9", `[`, 400, "malformed", nil},
			{api, "PUT", "/api/people/C-9", `null`, 400, "malformed", nil},
			{api, "PUT", "/api/people/C-9", "{\"username\":\"x\",\"name\":\"Nicol\xf2\"}", 400, "malformed", nil},
			{api, "PUT", "/api/people/C-9", `{"username":"x"} {}`, 400, "malformed", nil},
			{api, "PUT", "/api/people/C-9", `{"username":"` + strings.Repeat("x", 70<<10) + `"}`, 413, "too_large", nil},
			{api, "PUT", "/api/people/C-9", `{"name":` + strings.Repeat("[", 20_000) + `}`, 400, "malformed", nil},
			{api, "PUT", "/api/people/C-9", `username=x`, 415, "unsupported_media_type", []string{"Content-Type", "application/x-www-form-urlencoded"}},
		} {
			got := c.who.call(c.method, c.path, c.body, c.headers...)
			if got.status != c.status || got.Code != c.code {
				t.Errorf("%s %s %.60s: %d %s, want %d %s", c.method, c.path, c.body, got.status, got.Code, c.status, c.code)
			}
			if c.status == 401 && got.header.Get("Www-Authenticate") == "" {
				t.Errorf("%s %s: no WWW-Authenticate", c.method, c.path)
			}
		}
		if _, err := w.Store.PersonByExternalID(context.Background(), "C-9"); err == nil {
			t.Error("a refused document made a person")
		}
		want(t, "mails to a person of a refused document", len(w.Mails("nobody")), 0)
	}, servertest.With(crm))
}

// Of many equal calls at once one makes the account, and the others find it.
func TestPutAtOnceMakesOnePersonAndOneMail(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api := newBackend(t, w, "crm")
		status := make([]int, 8)
		var wg sync.WaitGroup
		for i := range status {
			wg.Go(func() { status[i] = api.call("PUT", "/api/people/C-7", anna).status })
		}
		wg.Wait()
		slices.Sort(status)
		if slices.ContainsFunc(status, func(s int) bool { return s != 200 && s != 201 }) || status[6] != 200 || status[7] != 201 {
			t.Errorf("answers %v, want one 201", status)
		}
		want(t, "mails", len(w.Mails("anna@neri.test")), 1)
	}, servertest.With(crm), servertest.OnPostgres())
}

// The operator files addresses and takes those on file away; what the person proved stays, and a new one rests.
func TestOperatorsSystemNeverVerifiesAnAddressNorTakesAProvedOneAway(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api := newBackend(t, w, "crm")
		api.call("PUT", "/api/people/C-7", anna)
		ctx := context.Background()
		row, err := w.Store.PersonByExternalID(ctx, "C-7")
		if err != nil {
			t.Fatal(err)
		}
		contact := func(address string) *storage.Contact {
			t.Helper()
			row, err = w.Store.PersonByExternalID(ctx, "C-7")
			at := slices.IndexFunc(row.Contacts, func(c *storage.Contact) bool { return c.Canonical == address })
			if err != nil || at < 0 {
				t.Fatalf("no contact %s (%v)", address, err)
			}
			return row.Contacts[at]
		}
		if err := w.Store.VerifyContact(ctx, contact("anna@neri.test").ID, time.Now()); err != nil {
			t.Fatal(err)
		}
		mails := len(w.Mails("anna@neri.test"))
		got := api.call("PATCH", "/api/people/C-7", `{"emails":["nuova@neri.test"],"phones":[]}`)
		want(t, "emails", strings.Join(got.Emails, " "), "nuova@neri.test anna@neri.test")
		want(t, "phones", len(got.Phones), 0)
		want(t, "verified", strings.Join(got.Verified, " "), "anna@neri.test")
		want(t, "the old address is told", len(w.Mails("anna@neri.test"))-mails, 1)
		if c := contact("nuova@neri.test"); !c.RestsUntil.After(time.Now()) || !c.Primary {
			t.Errorf("the new address opens sensitive areas at once: %+v", c)
		}
		etag := got.header.Get("ETag")
		want(t, "the same again", api.call("PATCH", "/api/people/C-7", `{"emails":["nuova@neri.test"]}`).header.Get("ETag"), etag)
	}, servertest.With(crm))
}

func TestT07PeopleAPIIsNotThereUnlessSwitchedOn(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for _, method := range []string{"GET", "PUT", "PATCH", "POST"} {
			r, _ := http.NewRequest(method, origin+"/api/people/C-7", strings.NewReader(anna))
			r.Header.Set("Content-Type", "application/json")
			res, err := w.Net.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			want(t, method, res.StatusCode, 404)
		}
	})
}

// Q23: the address that is checked is the one that is kept, told to panels and written to.
func TestQ23AnAddressOfAnotherAlphabetHasOneFormForAllUses(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		const written, typed = "Ada.Neri@xn--bcher-kva.example", "Ada.Neri@Bücher.example"
		api := newBackend(t, w, "crm")
		made := api.call("PUT", "/api/people/C-9", `{"username":"ada","locale":"en","emails":["`+typed+`"],"phones":["+39 (333) 123-4567"]}`)
		want(t, "create", made.status, 201)
		ada := &servertest.Person{ID: made.ID, Username: "ada", Password: newPassword, Email: written}
		for _, c := range must(w.Store.Person(t.Context(), ada.ID))(t).Contacts {
			want(t, "kept "+c.Channel, c.Address, map[string]string{"email": written, "phone": "+393331234567"}[c.Channel])
		}
		want(t, "the same document changes nothing", api.call("PUT", "/api/people/C-9", `{"username":"ada","locale":"en","emails":["`+typed+`"],"phones":["+393331234567"]}`).status, 200)
		setPassword(w.Browser("ada"), link(t, w, written), newPassword).WantStep("password_set")
		want(t, "claim", w.SignedIn(w.Browser("ada"), w.RP1, ada).UserInfo["email"], written)

		ada.Username = typed
		w.SignedIn(w.Browser("by the address as typed"), w.RP1, ada)
		forgot(w.Browser("forgot"), typed)
		want(t, "links", len(w.Mails(written)) > 1, true)
	}, servertest.With(crm))
}
