package notify

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify/gatewaytest"
	"github.com/soglia-sso/soglia/notify/mailtest"
	"github.com/soglia-sso/soglia/outbound"
)

// Each gateway is asked by the call that its vendor documents for that. Nothing is sent, and what it says no to is told apart
// from nobody being there.
func TestEachGatewayIsAskedWhetherItKnowsUsAndNothingIsSent(t *testing.T) {
	type end int
	const (
		ok end = iota
		no
		away
	)
	want := map[gatewaytest.Mode]end{
		gatewaytest.Right: ok, gatewaytest.Unauthorized: no, gatewaytest.Refused: no, gatewaytest.Busy: away, gatewaytest.Broken: away,
		gatewaytest.Hang: away, gatewaytest.Drip: away, gatewaytest.Reset: away, gatewaytest.Malformed: no,
	}
	judge := func(t *testing.T, f gatewaytest.Fake, drivers map[string]Driver, want end) {
		t.Helper()
		all := Online(t.Context(), drivers)
		if len(all) != 1 {
			t.Fatalf("%d were asked", len(all))
		}
		got, told := ok, all[0]
		switch {
		case errors.Is(told.Err, ErrNotLetIn):
			got = no
		case told.Err != nil:
			got = away
		}
		if got != want || !strings.HasSuffix(told.Name, " by "+f.Driver()) {
			t.Errorf("%s: %v, %d, want %d", told.Name, told.Err, got, want)
		}
		if len(f.Taken()) != 0 {
			t.Error("something was sent")
		}
		if told.Err != nil && (strings.Contains(told.Err.Error(), "://") || strings.Contains(told.Err.Error(), "AC0123")) {
			t.Errorf("the error tells too much: %v", told.Err)
		}
	}
	for i, each := range gatewaytest.All() {
		if each.Driver() == "webhook" { // whose line alone is looked at (outbound.Greet)
			continue
		}
		requests, faults := 0, 0
		for mode, end := range want {
			t.Run(each.Driver()+"/"+mode.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := gatewaytest.All()[i]
					f.Behave(mode)
					judge(t, f, wired(t, f), end)
					if m := f.Mistakes(); len(m) != 0 {
						t.Errorf("mistakes: %q", m)
					}
					requests, faults = requests+f.Requests(), faults+f.Faults()
				})
			})
		}
		t.Run(each.Driver()+"/wrong credentials", func(t *testing.T) {
			f := gatewaytest.All()[i]
			s := settingsFor(f)
			for _, name := range []string{"AccessToken", "Token"} {
				if v := reflect.ValueOf(s).Elem().FieldByName(name); v.IsValid() {
					v.SetString("EAAJBnobody")
				}
			}
			drivers, err := Open(config.Channels{channelOf(f): {{Driver: f.Driver(), Name: f.Driver(), For: []string{"*"}, Settings: s}}}, Reach{Out: outbound.New(outbound.Options{Transport: f})})
			if err != nil {
				t.Fatal(err)
			}
			judge(t, f, drivers, no)
		})
		t.Logf("%s: %d requests, %d faults, page cited: %s", each.Driver(), requests, faults, each.Page())
	}
}

// A mail server is asked by signing in and leaving.
func TestAMailServerIsAskedWithoutAMail(t *testing.T) {
	server := &mailtest.Server{}
	for name, c := range map[string]struct {
		at   string
		good bool
	}{"there": {server.Start(t), true}, "silent": {mailtest.Silent(t), false}} {
		d, err := openSMTP(&smtpSettings{URL: config.Secret("smtp://" + c.at), From: "Example <no-reply@example.it>"}, Reach{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), sendTime/10)
		all := Online(ctx, map[string]Driver{"email": router{{name: "smtp", driver: d}}})
		cancel()
		if len(all) != 1 || (all[0].Err == nil) != c.good || errors.Is(all[0].Err, ErrNotLetIn) {
			t.Errorf("%s: %+v", name, all)
		}
	}
	if len(server.Mails()) != 0 {
		t.Error("a mail was sent")
	}
}
