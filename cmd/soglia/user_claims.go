package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/user"
)

// elsewhere are claims that a file of claims cannot say, and why.
var elsewhere = map[string]string{
	"sub":                   "the server makes it",
	"updated_at":            "the server keeps it",
	"preferred_username":    "it is the user name",
	"email":                 "it is --email",
	"groups":                "it is --group",
	"roles":                 "the YAML gives them to groups (groups.*.roles)",
	"email_verified":        "a code proves an address, nobody's word does",
	"phone_number_verified": "a code proves a number, nobody's word does",
}

// readClaims reads a JSON object of claims into the account to be. Every mistake is named.
func readClaims(file string, cfg *config.Config, to *user.New) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return exit1{fmt.Errorf("--claims: %w", err)}
	}
	var said map[string]json.RawMessage
	if !utf8.Valid(raw) || json.Unmarshal(raw, &said) != nil || said == nil {
		return exit1{fmt.Errorf("--claims: %s is not a JSON object in UTF-8", file)}
	}
	var mistakes []error
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if err := readClaim(name, said[name], cfg, to); err != nil {
			mistakes = append(mistakes, fmt.Errorf("--claims: %s: %w", name, err))
		}
	}
	if len(mistakes) > 0 {
		return exit1{errors.Join(mistakes...)}
	}
	return nil
}

func readClaim(name string, value json.RawMessage, cfg *config.Config, to *user.New) error {
	var text string
	isText := json.Unmarshal(value, &text) == nil && user.Plain(text)
	switch {
	case slices.Contains(user.ProfileClaims, name):
		return to.Profile.Set(name, value)
	case slices.Contains(cfg.OwnClaims(), name):
		return to.Profile.SetOwn(name, value)
	case name == config.CustomerNumber && isText:
		to.CustomerNumber = text
	case name == "phone_number" && isText:
		if _, err := user.CanonicalPhone(text); err != nil {
			return errors.New("a number begins with + and the country's prefix (E.164)")
		}
		to.Phones = []string{text}
	case name == "locale" && isText && slices.Contains(cfg.Locales.Offered, text):
		to.Locale = text
	case name == "locale":
		return fmt.Errorf("messages are in %s", strings.Join(cfg.Locales.Offered, ", "))
	case name == config.CustomerNumber || name == "phone_number":
		return errors.New("it must be a text of one line and at most 200 characters")
	case elsewhere[name] != "":
		return fmt.Errorf("it cannot be said here: %s", elsewhere[name])
	default:
		return errors.New("it is no standard claim, and no scope in the YAML opens it (scopes.*.claims)")
	}
	return nil
}
