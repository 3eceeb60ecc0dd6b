package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/user"
)

// The person of docs/certification.md has every standard claim that is not made by the server itself.
func TestQ53Q50ThePersonOfTheCertificationHasEveryClaim(t *testing.T) {
	const file = "../../examples/certification.json"
	var made user.New
	if err := readClaims(file, &config.Config{Locales: config.Locales{Offered: []string{"it", "en"}}}, &made); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var said, kept map[string]any
	if err := json.Unmarshal(raw, &said); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(made.Profile.JSON(), &kept); err != nil {
		t.Fatal(err)
	}
	for scope, names := range config.StandardClaims {
		for _, name := range names {
			if said[name] == nil && elsewhere[name] == "" {
				t.Errorf("%s has no %s", scope, name)
			}
		}
	}
	for _, name := range user.ProfileClaims {
		if kept[name] == nil {
			t.Errorf("%s was not kept", name)
		}
	}
	if made.Locale != "it" || len(made.Phones) != 1 {
		t.Errorf("locale %q, phones %v", made.Locale, made.Phones)
	}
}
