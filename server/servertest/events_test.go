package servertest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify/gatewaytest"
	"github.com/soglia-sso/soglia/server/servertest"
)

// tells names a program of the operator's for all events there are.
func tells(f *config.File) {
	f.Channels.Webhook = &config.FileWebhook{Events: config.Events, URL: "https://crm.example.test/hook", Secret: config.Secret(gatewaytest.NewWebhook().Key)}
}

// said is what came since the last call: event, reason, and the account's id at the operator's.
func said(t *testing.T, w *servertest.World, f *gatewaytest.Webhook, seen *int) (all []string) {
	t.Helper()
	w.Deliver()
	taken := f.Taken()
	for _, m := range taken[*seen:] {
		var body struct {
			Data struct {
				Reason, Subject, Contact string
				ExternalID               string `json:"external_id"`
			} `json:"data"`
		}
		if err := json.Unmarshal(m.Body, &body); err != nil || body.Data.Subject == "" {
			t.Errorf("%s, %v", m.Body, err)
		}
		all = append(all, strings.Join(slices.DeleteFunc([]string{m.Event, body.Data.Reason, body.Data.ExternalID, body.Data.Contact}, func(s string) bool { return s == "" }), " "))
	}
	*seen = len(taken)
	return all
}

// What the operator's system, the person and the help desk do is told to the operator's own program, whoever does it and on
// both engines; while that program is away nothing else waits, and what happened meanwhile comes afterwards.
func TestTheOperatorsOwnProgramHearsWhatHappens(t *testing.T) {
	for name, opts := range map[string][]servertest.Option{"sqlite": nil, "postgres": {servertest.OnPostgres()}} {
		t.Run(name, func(t *testing.T) {
			if opts != nil {
				heard(t, opts...)
				return
			}
			heard(t)
		})
	}
}

func heard(t *testing.T, opts ...servertest.Option) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		f, seen := gatewaytest.NewWebhook(), 0
		w.Net.Handle("crm.example.test", f)
		api := newBackend(t, w, "crm")
		if got := api.call("PUT", "/api/people/C-7", anna); got.status != 201 {
			t.Fatalf("%+v", got)
		}
		want(t, "a new account", strings.Join(said(t, w, f, &seen), ", "), "person.created C-7, person.invited C-7")

		p := &servertest.Person{Username: "anna", Password: "sette nani nel bosco", Email: "anna@neri.test"}
		setPassword(w.Browser("anna's first"), link(t, w, p.Email), p.Password)
		want(t, "its password", strings.Join(said(t, w, f, &seen), ", "), "pw.reset.used invitation C-7")

		w.Net.Break("crm.example.test", servertest.Fault{Status: http.StatusServiceUnavailable})
		if got := api.call("PATCH", "/api/people/C-7", `{"disabled": true}`); got.status != 200 {
			t.Fatalf("%+v", got)
		}
		w.Deliver()
		time.Sleep(6 * time.Hour)
		w.Deliver()
		w.Net.Mend("crm.example.test")
		time.Sleep(6 * time.Hour)
		want(t, "the act during an outage", strings.Join(said(t, w, f, &seen), ", "), "person.disabled disabled C-7")

		if m := f.Mistakes(); len(m) != 0 {
			t.Errorf("mistakes: %q", m)
		}
		if logs := w.Logs.String(); strings.Contains(logs, "crm.example.test/hook") {
			t.Error("a log tells the address")
		}
	}, append(opts, servertest.With(crm), servertest.With(tells))...)
}
