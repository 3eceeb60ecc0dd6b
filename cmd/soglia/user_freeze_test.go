package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// The desk sees a freeze, and lifts it with a reason.
func TestTheDeskSeesAndLiftsAFreeze(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		u := w.U2
		found := func() *found {
			row, err := w.Store.Person(t.Context(), u.ID)
			if err != nil {
				t.Fatal(err)
			}
			return &found{row, w.Config, operated{Store: w.Store}}
		}
		show := func(json bool) string {
			var out bytes.Buffer
			if err := (&showPerson{JSON: json}).show(t.Context(), found(), &streams{nil, &out, &out}); err != nil {
				t.Fatal(err)
			}
			return out.String()
		}
		if said := show(true); strings.Contains(said, "frozen") {
			t.Errorf("frozen before anything: %s", said)
		}
		now := w.Store.Now()
		err := w.Store.Freeze(t.Context(), &storage.Freezing{PersonID: u.ID, Act: now.Add(-time.Hour), Mailed: true, Until: now.Add(24 * time.Hour), Via: []string{u.Email}, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		if said := show(false); !strings.Contains(said, `by "it was not me" of `) {
			t.Errorf("the list: %s", said)
		}
		if said := show(true); !strings.Contains(said, "frozen_until") || !strings.Contains(said, "frozen_since") {
			t.Errorf("JSON: %s", said)
		}
		time.Sleep(time.Second)
		b := w.Browser("dora")
		b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(u)
		if got := w.RP1.Last(); got.Error != acr.ErrUnmet || got.Description != string(acr.ReasonFrozen) {
			t.Fatalf("a frozen account answers %q %q", got.Error, got.Description)
		}
		var out bytes.Buffer
		if err := (&waiveRest{Reason: "seen at the counter, identity card"}).waive(t.Context(), found(), &streams{nil, &out, &out}); err != nil {
			t.Fatal(err)
		}
		if got := w.Records(audit.RestWaived); len(got) != 1 || got[0].PersonID != u.ID {
			t.Errorf("the record: %+v", got)
		}
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp").GiveCode(w.Code(u.Email))
		if got := w.RP1.Last().Acr(); got != "mfa" {
			t.Errorf("after the waiver: %q", got)
		}
		if err := (&waiveRest{Reason: "once more"}).waive(t.Context(), found(), &streams{nil, &out, &out}); err == nil {
			t.Error("lifted twice")
		}
	})
}
