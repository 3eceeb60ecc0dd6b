package session

import (
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/phonenumber"
	"github.com/soglia-sso/soglia/storage"
)

// IdentityKey names a linked social login in events and in acr.Person.
func IdentityKey(provider, subject string) string { return provider + "\x1f" + subject }

// AcrPerson is what the decision reads of the person of this browser; cfg says what groups the YAML puts them into.
func (c *Current) AcrPerson(cfg *config.Config) acr.Person {
	p := AcrPerson(cfg, c.Person)
	// Born in this very flow: nobody has proved anything on the account yet, so enrolling on it takes nothing from anyone.
	// Unless the newcomer got in from another browser meanwhile and has removed what they got in by: then somebody has.
	p.BornHere = c.Quarantine != nil && !c.Person.Created.Before(c.Quarantine.Created) && p.SecondSince.IsZero() &&
		!slices.ContainsFunc(p.Identities, func(i acr.Identity) bool { return i.Proved })
	return p
}

// AcrPerson is what the decision reads of someone. A nil person gives the zero value: nobody.
func AcrPerson(cfg *config.Config, p *storage.Person) acr.Person {
	if p == nil {
		return acr.Person{}
	}
	out := acr.Person{
		ID: p.ID, HasPassword: p.PasswordHash != "", EverySignIn: p.EverySignIn,
		RecoveryCodes: p.RecoveryCodes, PasswordVia: p.PasswordVia, PasswordViaUntil: p.PasswordViaUntil,
		RecoveryMade: p.RecoveryMade, RecoveryRestsUntil: p.RecoveryRestsUntil, SecondSince: p.SecondSince,
		BirthAddress: p.BirthAddress, BirthUntil: p.BirthUntil, RestsUntil: p.RestsUntil, Freeze: freeze(p), Groups: cfg.GroupsOf(p.Canonical, p.Groups),
	}
	if n := len(p.Contacts); n > 0 {
		out.Contacts = make([]acr.Contact, 0, 2*n)
	}
	for _, f := range p.Factors {
		if f.Pending {
			continue
		}
		country := ""
		if f.Address != "" {
			country, _ = phonenumber.Mobile(f.Address)
		}
		out.Factors = append(out.Factors, acr.Factor{
			ID: f.ID, Method: acr.Method(f.Method), Address: f.Address, Since: f.Created, RestsUntil: f.RestsUntil, Disabled: f.Disabled,
			Channels: methodsOf(f.Channels), Country: country,
		})
	}
	for _, c := range p.Contacts {
		if c.NoCodes { // whoever said so took its codes away, those that were given with them
			continue
		}
		country := ""
		if c.Channel == "phone" {
			var mobile bool
			if country, mobile = phonenumber.Mobile(c.Canonical); !mobile { // on file, and no code can go there
				continue
			}
		}
		for _, m := range channels[c.Channel] {
			out.Contacts = append(out.Contacts, acr.Contact{
				ID: c.ID, Method: m, Address: c.Canonical, Country: country, Since: c.Created, RestsUntil: c.RestsUntil,
			})
		}
	}
	for _, i := range p.Identities {
		out.Identities = append(out.Identities, acr.Identity{
			Key: IdentityKey(i.Provider, i.Subject), Provider: i.Provider, Proved: !i.ProvedAt.IsZero(), Since: i.Created, Reported: i.Emails,
		})
	}
	return out
}

func freeze(p *storage.Person) acr.Freeze {
	return acr.Freeze{Since: p.FrozenSince, Mailed: p.FrozenMailed, Until: p.FrozenUntil, Lifted: p.FrozenLifted, Via: p.FrozenVia}
}

func methodsOf(channels []string) []acr.Method {
	var out []acr.Method
	for _, c := range channels {
		out = append(out, acr.Method(c))
	}
	return out
}

// channels are the methods by which a code can reach a contact, by its kind.
var channels = map[string][]acr.Method{"email": methodsFor("email"), "phone": methodsFor("phone")}

func methodsFor(kind string) []acr.Method {
	return acr.Methods(func(f acr.Facts) bool { return f.Contact == kind })
}
