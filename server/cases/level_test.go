package cases

import (
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
)

// essential asks for a level that the panel will not do without.
func essential(names string) string {
	return `{"id_token":{"acr":{"essential":true,"values":[` + names + `]}}}`
}

// E04, E05, E06: whoever cannot or will not give the level sends the panel away with the error that says so, one record
// of it, and the session as it was; and what does come says the truth.
func TestE04E05E06ALevelThatIsNotReachedIsAnErrorAndARecord(t *testing.T) {
	alone := &servertest.Person{Username: "nemo", Password: "un faro senza luce"}
	for name, c := range map[string]struct {
		who    func(*servertest.World) *servertest.Person
		params []string
		cancel bool
		error  string
	}{
		"cannot, essential":              {params: []string{"claims", essential(`"mfa"`)}, error: "unmet_authentication_requirements"},
		"cannot, acr_values":             {params: []string{"acr_values", "mfa"}, error: "unmet_authentication_requirements"},
		"cannot, scope":                  {params: []string{"scope", "openid billing"}, error: "unmet_authentication_requirements"},
		"nobody could, essential":        {params: []string{"claims", essential(`"urn:x"`)}, error: "unmet_authentication_requirements"},
		"nobody could, silent":           {params: []string{"claims", essential(`"urn:x"`), "prompt", "none"}, error: "unmet_authentication_requirements"},
		"will not, essential":            {who: dora, params: []string{"claims", essential(`"mfa"`)}, cancel: true, error: "access_denied"},
		"will not, unknown and mfa":      {who: dora, params: []string{"acr_values", "unknown mfa"}, cancel: true, error: "access_denied"},
		"will not, scope":                {who: dora, params: []string{"scope", "openid billing"}, cancel: true, error: "access_denied"},
		"could, but is not asked":        {who: dora, params: []string{"acr_values", "mfa", "prompt", "none"}, error: "interaction_required"},
		"could, scope, but is not asked": {who: dora, params: []string{"scope", "openid billing", "prompt", "none"}, error: "interaction_required"},
	} {
		t.Run(name, func(t *testing.T) {
			inTurns(t, func(t *testing.T, a *arena) {
				p := alone
				if c.who != nil {
					p = c.who(a.World)
				} else {
					a.Create(p)
				}
				b := a.Browser(p.Username)
				a.SignedIn(b, a.RP2, p)
				b.Open(a.RP2.Login(c.params...))
				if c.cancel {
					b.WantStep("otp").Submit("cancel")
				}
				want(t, "error", a.RP2.Last().Error, c.error)
				want(t, "records", len(a.Records("authz.denied")), 1)
				ev := a.Records("authz.denied")[0]
				if ev.Outcome != "fail" || ev.Reason == "" || ev.ClientID != a.RP2.Client || ev.PersonID != p.ID || ev.IP == "" || ev.RequestID == "" {
					t.Errorf("%+v", ev)
				}
				want(t, "the record's error", member(t, string(ev.Detail), "error"), any(c.error))
				b.Open(a.RP2.Login("prompt", "none"))
				want(t, "the session", a.RP2.Last().Acr()+" "+a.RP2.Last().Amr(), "sfa pwd")
			})
		})
	}
}

func dora(w *servertest.World) *servertest.Person { return w.U2 }
