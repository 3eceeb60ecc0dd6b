package config

import (
	"maps"
	"strings"
	"testing"
)

func TestADriverIsRefusedWhereItCannotServe(t *testing.T) {
	known := Drivers{Kinds: maps.Clone(drivers.Kinds), Source: drivers.Source}
	unbuilt := known.Kinds["smtp"]
	unbuilt.Unbuilt, unbuilt.Standard = true, false
	known.Kinds["pigeon"] = unbuilt
	for text, want := range map[string]string{
		"{driver: pigeon, url: \"${env:NOWHERE}\"}": "`pigeon` is not available in this version",
		"{driver: outbox}":                          "for soglia dev",
		"{driver: meta_cloud}":                      "driver cannot be \"meta_cloud\"",
		"[{driver: smtp}]":                          "email must hold keys with values",
		"{driver: smtp, for: [\"+39\"]}":            "unknown key \"for\" in email",
	} {
		_, err := Parse([]byte(small+"channels: {email: "+text+"}\n"), Options{Drivers: known, Env: environment})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "NOWHERE is not set") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := parse(t, small+"channels: {email: {driver: outbox}}\n", Options{Dev: true}); err != nil {
		t.Errorf("in dev: %v", err)
	}
	_, err := Parse([]byte(small), Options{Env: environment, Overlay: func(f *File) {
		f.Channels.Email = &FileGateway{Driver: "carrier"}
	}})
	if err == nil {
		t.Error("an overlay named a driver nobody wrote")
	}
}
