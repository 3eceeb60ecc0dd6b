package user

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/storage"
)

// The kinds of identifier a person may sign in with (config.Config.Identifiers).
const (
	ByUsername = "username"
	ByEmail    = "email"
)

// Find returns the person that text names: by user name, or by a mail address that belongs to exactly one person. A user
// name wins over a mail address. storage.ErrNotFound when nobody, or more than one, is meant.
//
// The number of statements depends on the text only, never on who exists: a text with "@" is looked up both ways.
func Find(ctx context.Context, records storage.People, identifiers []string, text string) (*storage.Person, error) {
	var found *storage.Person
	if name, err := CanonicalUsername(text); err == nil && slices.Contains(identifiers, ByUsername) {
		p, err := records.PersonByUsername(ctx, name)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return nil, err
		}
		found = p
	}
	if strings.Contains(text, "@") && slices.Contains(identifiers, ByEmail) {
		if address, err := CanonicalEmail(text); err == nil {
			people, err := records.PeopleByEmail(ctx, address)
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return nil, err
			}
			people = slices.DeleteFunc(people, SelfMade) // not completed: has no password, and may have the address from hearsay
			if found == nil && len(people) == 1 {
				found = people[0]
			}
		}
	}
	if found == nil {
		return nil, storage.ErrNotFound
	}
	return found, nil
}
