package people

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// draft is what a document says about a person.
type draft struct {
	Username       string
	CustomerNumber string
	BillingProfile bool
	Locale         string
	Profile        user.Profile
	Emails         []string // the first is the primary one
	Phones         []string
	Groups         []string
	Disabled       bool
	Remove         []string // addresses that go, proved ones too

	named []string                   // groups, as far as the document speaks of them
	own   map[string]json.RawMessage // what the document says of the operator's own claims
	gone  []string                   // canonical forms of Remove
	bad   []fault                    // claims with a wrong value
}

// maxContacts bounds a channel's list; the body is bounded by web.
const maxContacts = 10

// fields are the members of a document, by name: each reads its value into a draft. null is the same as leaving out of a
// PUT: the empty value (RFC 7396). Those of standard claims are added to them.
var fields = withClaims(map[string]func(d *draft, raw json.RawMessage) error{
	"username":        func(d *draft, raw json.RawMessage) error { return take(raw, &d.Username) },
	"customer_number": func(d *draft, raw json.RawMessage) error { return take(raw, &d.CustomerNumber) },
	"billing_profile": func(d *draft, raw json.RawMessage) error { return take(raw, &d.BillingProfile) },
	"locale":          func(d *draft, raw json.RawMessage) error { return take(raw, &d.Locale) },
	"groups":          (*draft).groups,
	"claims":          (*draft).ownClaims,
	"emails":          func(d *draft, raw json.RawMessage) error { return take(raw, &d.Emails) },
	"phones":          func(d *draft, raw json.RawMessage) error { return take(raw, &d.Phones) },
	"disabled":        func(d *draft, raw json.RawMessage) error { return take(raw, &d.Disabled) },
	"remove_contacts": func(d *draft, raw json.RawMessage) error { return take(raw, &d.Remove) },
})

func withClaims(fields map[string]func(d *draft, raw json.RawMessage) error) map[string]func(d *draft, raw json.RawMessage) error {
	for _, name := range user.ProfileClaims {
		fields[name] = func(d *draft, raw json.RawMessage) error { return d.claim("/"+name, d.Profile.Set(name, raw)) }
	}
	return fields
}

// claim notes what is wrong with the value of a claim, for check to tell.
func (d *draft) claim(at string, err error) error {
	if err != nil {
		d.bad = append(d.bad, fault{at, err.Error()})
	}
	return nil
}

// ownClaims reads the claims that only the operator's scopes know. They are a patch on those that are there.
func (d *draft) ownClaims(raw json.RawMessage) error {
	if err := take(raw, &d.own); err != nil {
		return err
	}
	if d.own == nil {
		d.Profile.Own = nil
	}
	for _, name := range sorted(d.own) {
		_ = d.claim("/claims/"+pointer(name), d.Profile.SetOwn(name, d.own[name]))
	}
	return nil
}

// groups reads the list of groups, which is the whole list.
func (d *draft) groups(raw json.RawMessage) error {
	err := take(raw, &d.Groups)
	d.named = d.Groups
	return err
}

// take reads a value; null empties.
func take[T any](raw json.RawMessage, into *T) error {
	var v T
	err := json.Unmarshal(raw, &v)
	*into = v
	return err
}

// draftOf is the present state as a document would say it.
func draftOf(p *storage.Person) (draft, error) {
	profile, err := user.ParseProfile(p.Profile)
	if err != nil {
		return draft{}, err
	}
	d := draft{
		Username: p.Username, CustomerNumber: p.CustomerNumber, BillingProfile: p.BillingProfile, Locale: p.Locale,
		Profile: profile, Groups: p.Groups, Disabled: p.Disabled,
	}
	for _, c := range p.Contacts {
		if c.Channel == "email" {
			d.Emails = append(d.Emails, c.Address)
		} else {
			d.Phones = append(d.Phones, c.Address)
		}
	}
	return d, nil
}

// apply reads the members of a document into d.
func (d *draft) apply(members map[string]json.RawMessage) []fault {
	var faults []fault
	for _, name := range sorted(members) {
		read, known := fields[name]
		if !known {
			faults = append(faults, fault{"/" + pointer(name), "There is no such member, or it can only be read."})
			continue
		}
		if err := read(d, members[name]); err != nil {
			faults = append(faults, fault{"/" + name, "The value has the wrong type."})
		}
	}
	return append(faults, d.strike(members)...)
}

// strike takes the addresses to be removed out of those of the present state. Where the document itself names one among
// those to be there, it contradicts itself.
func (d *draft) strike(members map[string]json.RawMessage) []fault {
	var faults []fault
	d.gone, faults = canonicals(d.Remove, "/remove_contacts", user.CanonicalContact, "This is neither a mail address nor a number.")
	for _, list := range []struct {
		name      string
		addresses *[]string
	}{{"emails", &d.Emails}, {"phones", &d.Phones}} {
		var left []string
		_, named := members[list.name]
		for _, address := range *list.addresses {
			c, err := user.CanonicalContact(address)
			at := slices.Index(d.gone, c)
			switch {
			case err != nil || at < 0:
				left = append(left, address)
			case named:
				faults = append(faults, fault{"/remove_contacts/" + strconv.Itoa(at), "The address is also in " + list.name + "."})
			}
		}
		*list.addresses = left
	}
	return faults
}

func sorted(members map[string]json.RawMessage) []string {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// pointer escapes a member's name (RFC 6901 §3) and keeps a made-up megabyte out of the answer.
func pointer(name string) string {
	if r := []rune(name); len(r) > 40 {
		name = string(r[:40])
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// check says what is wrong with the values themselves.
func (d *draft) check(cfg *config.Config) []fault {
	faults := d.bad
	wrong := func(at, why string) { faults = append(faults, fault{at, why}) }
	canonical, err := user.CanonicalUsername(d.Username)
	if err != nil {
		wrong("/username", "A user name has 1 to 64 visible characters and no spaces.")
	}
	if !user.Plain(d.CustomerNumber) {
		wrong("/customer_number", "The text is longer than 200 characters, or holds characters that cannot be shown.")
	}
	for _, name := range sorted(d.own) {
		if !slices.Contains(cfg.OwnClaims(), name) {
			wrong("/claims/"+pointer(name), "No scope in the YAML opens a claim of this name, or it is a member of the document itself.")
		}
	}
	faults = append(faults, wrongGroups(cfg, d.named)...)
	if locales := cfg.Locales.Offered; d.Locale != "" && !slices.Contains(locales, d.Locale) {
		wrong("/locale", "The language is none of those offered: "+strings.Join(locales, ", ")+".")
	}
	emails, bad := canonicals(d.Emails, "/emails", user.CanonicalEmail, "This is no mail address.")
	faults = append(faults, bad...)
	_, bad = canonicals(d.Phones, "/phones", user.CanonicalPhone, "A number begins with + and the country's prefix (E.164).")
	faults = append(faults, bad...)
	// Nobody may be named like somebody else's mailbox (user.Create).
	if err == nil && strings.Contains(canonical, "@") && !slices.Contains(emails, canonical) {
		wrong("/username", "A user name with @ must be one of the person's own addresses.")
	}
	return faults
}

// wrongGroups checks a list of groups.
func wrongGroups(cfg *config.Config, names []string) []fault {
	if len(names) > config.MaxGroups {
		return []fault{{"/groups", fmt.Sprintf("There are more than %d.", config.MaxGroups)}}
	}
	var faults []fault
	for i, name := range names {
		at := "/groups/" + strconv.Itoa(i)
		switch {
		case !config.GroupName(name):
			faults = append(faults, fault{at, "The name of a group has " + config.GroupRule + "."})
		case cfg.MeantGroup(name) != "":
			faults = append(faults, fault{at, "The YAML writes this group " + cfg.MeantGroup(name) + "."})
		case slices.Contains(names[:i], name):
			faults = append(faults, fault{at, "The group is in the list twice."})
		}
	}
	return faults
}

// canonicals checks a list of addresses.
func canonicals(list []string, at string, canonical func(string) (string, error), why string) ([]string, []fault) {
	var (
		out    []string
		faults []fault
	)
	if len(list) > maxContacts {
		return nil, []fault{{at, fmt.Sprintf("There are more than %d.", maxContacts)}}
	}
	for i, address := range list {
		c, err := canonical(address)
		switch {
		case err != nil:
			faults = append(faults, fault{at + "/" + strconv.Itoa(i), why})
		case slices.Contains(out, c):
			faults = append(faults, fault{at + "/" + strconv.Itoa(i), "The address is in the list twice."})
		}
		out = append(out, c)
	}
	return out, faults
}
