package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/server/servertest"
)

// Q21: an operator who is sure lets a recovered account go on at once; why and who is on record, and the person is told.
func TestQ21TheRestOfARecoveredAccountIsWaivedWithAReason(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		u := w.U1
		waive := func(reason string) error {
			row, err := w.Store.Person(t.Context(), u.ID)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			return (&waiveRest{Reason: reason}).waive(t.Context(), &found{row, w.Config, operated{Store: w.Store}}, &streams{nil, &out, &out})
		}
		if err := waive("nothing to waive"); err == nil || !strings.Contains(err.Error(), "does not rest") {
			t.Errorf("waived although nothing rests: %v", err)
		}
		if _, err := reset(t, w, u, resetFactor{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // what happens in the same microsecond counts as before
		b := w.Browser("ugo")
		b.Open(w.RP1.Login("acr_values", "mfa")).SignIn(u)
		if got := w.RP1.Last().Error; got != acr.ErrUnmet {
			t.Fatalf("a recovered account answers %q", got)
		}
		for _, reason := range []string{"", " \n", strings.Repeat("a", 501)} {
			if err := waive(reason); err == nil {
				t.Errorf("waived for %.10q", reason)
			}
		}
		mails := len(w.Mails(u.Email))
		if err := waive("seen at the counter, identity card"); err != nil {
			t.Fatal(err)
		}
		told := w.Mails(u.Email)[mails:]
		if len(told) != 1 || told[0].Kind != "notice" || !strings.Contains(told[0].Text, "Support has lifted that") {
			t.Errorf("%d mails: %+v", len(told), told)
		}
		records := w.Records(audit.RestWaived)
		if len(records) != 1 || records[0].PersonID != u.ID || records[0].Actor != operator {
			t.Fatalf("the record: %+v", records)
		}
		var detail struct {
			UID    int    `json:"uid"`
			Reason string `json:"reason"`
		}
		if err := json.Unmarshal(records[0].Detail, &detail); err != nil || detail.UID != os.Getuid() || detail.Reason != "seen at the counter, identity card" {
			t.Errorf("the record says %s, %v", records[0].Detail, err)
		}
		b.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp").GiveCode(w.Code(u.Email))
		if got := w.RP1.Last(); got.Acr() != "mfa" || !got.Scoped("billing") {
			t.Errorf("after the waiver: %q %s", got.Acr(), got.Error)
		}
	})
}
