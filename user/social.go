package user

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/username"
)

// Social is what a provider said at the first sign-in of somebody we do not know.
type Social struct {
	Provider string
	Subject  string
	Emails   []SocialEmail // all that were reported
	Username string        // preferred_username, a wish only
	Locale   string        // "it", "en"
	Profile  Profile
	Now      time.Time

	// Reserved says that a user name, in its canonical form, is not free although nobody has it: the YAML gives whoever has it rights.
	Reserved func(canonical string) bool
}

// SocialEmail is an address a provider reported.
type SocialEmail struct {
	Address       string
	Verified      bool
	Authoritative bool // the provider runs the mailbox
}

// FromIdentity stores a new person with an identity that is not proved yet, without a password. The user name is derived
// and free at the time of looking; storage.ErrConflict means that somebody was faster (same identity, or same name): run
// the transaction again from its look-up by identity.
//
// No address ever links to an account that is already there (docs/security.md K02), and none is looked up here: an address that
// the provider verified becomes a contact, verified where it runs the mailbox, else on file, whoever has it besides. Until
// the sign-in is completed it counts for nobody (see [SelfMade]), and [AddressElsewhere] says whether to offer the other account first.
// Unverified ones stay what they are, something the provider said.
func FromIdentity(ctx context.Context, records storage.People, s Social) (*storage.Person, error) {
	n := New{Locale: s.Locale, Profile: s.Profile, Now: s.Now}
	for _, e := range s.Emails {
		if _, err := CanonicalEmail(e.Address); err == nil && e.Verified {
			n.Emails = append(n.Emails, NewEmail{Address: e.Address, Verified: e.Authoritative})
		}
	}
	var err error
	if n.Username, err = freeUsername(ctx, records, s); err != nil {
		return nil, err
	}
	p, err := n.person()
	if err != nil {
		return nil, err
	}
	p.Identities = []*storage.Identity{{
		Provider: s.Provider,
		Subject:  s.Subject,
		PersonID: p.ID,
		Emails:   ReportedAddresses(s.Emails),
		Created:  s.Now,
	}}
	if err := records.CreatePerson(ctx, p); err != nil {
		return nil, err
	}
	return p, nil
}

// SelfMade reports whether an account came about by a social sign-in and has nothing but the one login, which is not
// proved. What an operator made has a password, a group, a number or an id of the operator's. It does not say that nobody was ever
// in: the login is unproved again when the app is switched off.
func SelfMade(p *storage.Person) bool {
	return p.PasswordHash == "" && len(p.Factors) == 0 && p.RecoveryCodes == 0 && p.ExternalID == "" && p.CustomerNumber == "" && len(p.Groups) == 0 &&
		len(p.Identities) == 1 && p.Identities[0].ProvedAt.IsZero()
}

// AddressElsewhere reports whether another account has one of the addresses that p proved to read. What a social login made for itself
// and never completed does not count, nor does what is disabled.
func AddressElsewhere(ctx context.Context, records storage.People, p *storage.Person) (bool, error) {
	for _, c := range p.Contacts {
		if c.Channel != "email" || c.VerifiedAt.IsZero() {
			continue
		}
		people, err := records.PeopleByEmail(ctx, c.Canonical)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return false, err
		}
		if slices.ContainsFunc(people, func(o *storage.Person) bool { return o.ID != p.ID && !o.Disabled && !SelfMade(o) }) {
			return true, nil
		}
	}
	return false, nil
}

// ReportedAddresses returns the canonical forms of what a provider reported, verified or not, without doubles: for
// acr.Event.Reported and storage.Identity.Emails.
func ReportedAddresses(emails []SocialEmail) []string {
	var all []string
	for _, e := range emails {
		if a, err := CanonicalEmail(e.Address); err == nil && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

// freeUsername looks before it inserts, because a conflict inside a PostgreSQL transaction would spoil it.
func freeUsername(ctx context.Context, records storage.People, s Social) (string, error) {
	wishes := []string{s.Username}
	for _, e := range s.Emails {
		wishes = append(wishes, e.Address)
	}
	wishes = append(wishes, s.Profile.GivenName+"."+s.Profile.FamilyName, s.Profile.Name, "user")
	base := ""
	for _, w := range wishes {
		if base = baseName(w); base != "" {
			break
		}
	}
	for _, name := range []string{base, base + "-" + secret.Digits(4), base + "-" + secret.Digits(6)} {
		if s.Reserved != nil && s.Reserved(name) {
			continue
		}
		_, err := records.PersonByUsername(ctx, name)
		if errors.Is(err, storage.ErrNotFound) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
	}
	return base + "-" + secret.NewID()[:12], nil
}

// baseName makes a canonical user name out of a wish, without "@" and with room for a suffix; "" when nothing is left.
func baseName(wish string) string {
	wish, _, _ = strings.Cut(wish, "@")
	wish = strings.Trim(strings.Join(strings.Fields(wish), "."), ".-_ ")
	c, err := CanonicalUsername(wish)
	if err != nil || strings.Contains(c, "@") {
		return ""
	}
	if r := []rune(c); len(r) > username.Max-16 {
		if c, err = CanonicalUsername(string(r[:username.Max-16])); err != nil {
			return ""
		}
	}
	return c
}
