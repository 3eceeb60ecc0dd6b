package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// explains runs "soglia explain" on the world's database, with the blanks of its tables made one.
func explains(t *testing.T, w *servertest.World, c explain) string {
	t.Helper()
	var out bytes.Buffer
	if err := c.answer(t.Context(), w.Config, operated{Store: w.Store}, &streams{nil, &out, &out}); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "\n") + "\n"
}

// What is printed of real sessions, outcome by outcome.
func TestExplainSaysWhatASessionHasAndLacks(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		nemo := w.Create(&servertest.Person{Username: "nemo", Password: "un faro senza luce"})
		w.SignedIn(w.Browser("dora"), w.RP2, w.U2)
		w.SignedIn(w.Browser("nemo"), w.RP2, nemo)
		w.SignedIn(w.Browser("ugo"), w.RP2, w.U1)
		time.Sleep(time.Hour)
		w.SignedIn(w.Browser("ugo at home"), w.RP2, w.U1)
		for _, c := range []struct {
			name string
			explain
			want, not []string
		}{
			{"a first step is enough", explain{User: "dora", Scope: "openid"}, []string{
				"\nsign_in - sfa - met Every answer needs",
				"\npwd 2000-01-01 00:00:00Z sfa the session ends -\n",
				"\nnext: no page, the panel gets acr sfa, scope openid\n",
			}, nil},
			{"a scope wants more, and a code does", explain{User: "dora", Scope: "openid billing"}, []string{
				"\nscope_floor billing mfa - missing The scope is given from a level on",
				"\nemail dora@rossi.test yes - -\n",
				"\nnext: the page \"otp\", because of scope_floor billing: The scope is given",
			}, nil},
			{"silently", explain{User: "dora", Scope: "openid billing", Prompt: "none"}, []string{
				"\nnext: no page, the panel is answered interaction_required, because of scope_floor billing: ",
			}, nil},
			{"nothing reaches the level", explain{User: "nemo", Scope: "openid", Acr: "mfa"}, []string{
				"\nacr_asked acr_values mfa mfa - missing ", "\nunreachable - - - refuses Nothing that the person has reaches the level.\n", "\nnothing - - - -\n",
				"\nnext: no page, the panel is answered unmet_authentication_requirements, because of unreachable: ",
			}, nil},
			{"the app was used, and codes to the mailbox do not count beside it", explain{User: "ugo", Scope: "openid billing"}, []string{
				"\nscope_floor billing mfa - met ", "\nown_choice every_sign_in mfa - met ",
				"\ntotp 2000-01-01 01:00:00Z mfa the session ends -\n", "\ntotp - yes - -\n", "\nemail ugo@rossi.test no - The person has a factor, so codes",
				"\nnext: no page, the panel gets acr mfa, scope openid billing\n",
			}, nil},
			{"the session before", explain{User: "ugo", Scope: "openid", Session: "2"}, []string{"\ntotp 2000-01-01 00:00:00Z mfa the session ends -\n"}, nil},
			{"too old for the panel", explain{User: "ugo", Scope: "openid", Session: "2", MaxAge: "10m"}, []string{
				"\nmax_age - mfa 10m missing The panel asked for a proof no older", "\npwd 2000-01-01 00:00:00Z - - It is older than the request's max_age.\n",
				"\nnext: the page \"otp\", because of max_age: ",
			}, nil},
			{"a new sign-in", explain{User: "ugo", Scope: "openid", Prompt: "login"}, []string{
				"\nprompt_login - sfa - missing ", "\ntotp 2000-01-01 01:00:00Z - - It was before this request", "\nnext: the page \"login\", because of prompt_login: ",
			}, nil},
			{"no session, though there is one", explain{User: "ugo", Scope: "openid", Session: "none"}, []string{
				"\nno session\n", "\n--- after a sign-in by pwd,", "\nown_choice every_sign_in mfa - missing ", "\nnext: the page \"otp\", because of own_choice every_sign_in: ",
			}, []string{"2000-01-01 00:00:00Z mfa"}},
		} {
			if c.Client = "panel2"; c.Session == "" {
				c.Session = "last"
			}
			said := explains(t, w, c.explain)
			for _, text := range c.want {
				if !strings.Contains(said, text) {
					t.Errorf("%s: no %q in\n%s", c.name, text, said)
				}
			}
			for _, text := range c.not {
				if strings.Contains(said, text) {
					t.Errorf("%s: %q in\n%s", c.name, text, said)
				}
			}
		}

		// After the help desk took the app away the mailbox rests, and says until when.
		if _, err := reset(t, w, w.U1, resetFactor{}); err != nil {
			t.Fatal(err)
		}
		said := explains(t, w, explain{User: "ugo", Client: "panel2", Scope: "openid billing", Session: "last"})
		for _, text := range []string{
			"\nno session\n", "\nemail ugo@rossi.test no 2000-01-02 01:00:0", "Z It rests, or did when it was used (contacts.cooling).\n",
			"\nnext: no page, the panel is answered unmet_authentication_requirements, because of cooling: What the person has would reach the level, but still rests",
		} {
			if !strings.Contains(said, text) {
				t.Errorf("after reset-factor: no %q in\n%s", text, said)
			}
		}
	})
}
