package sql

import (
	"cmp"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func personColumns(c *columns, p *storage.Person) {
	c.text("p.id", &p.ID)
	c.number("p.version", &p.Version)
	c.text("p.username", &p.Username)
	c.text("p.canonical", &p.Canonical)
	c.text("p.customer_number", &p.CustomerNumber)
	c.text("p.external_id", &p.ExternalID)
	c.text("p.locale", &p.Locale)
	c.json("p.profile", &p.Profile)
	c.text("p.password_hash", &p.PasswordHash)
	c.time("p.password_set_at", &p.PasswordSetAt)
	c.text("p.password_via", &p.PasswordVia)
	c.time("p.password_via_to", &p.PasswordViaUntil)
	c.time("p.second_since", &p.SecondSince)
	c.time("p.frozen_since", &p.FrozenSince)
	c.time("p.frozen_mailed", &p.FrozenMailed)
	c.time("p.frozen_until", &p.FrozenUntil)
	c.time("p.frozen_lifted", &p.FrozenLifted)
	c.lines("p.frozen_via", &p.FrozenVia)
	c.flag("p.every_sign_in", &p.EverySignIn)
	c.text("p.chosen_way", &p.ChosenWay)
	c.flag("p.disabled", &p.Disabled)
	c.words("p.member_of", &p.Groups)
	c.flag("p.billing_profile", &p.BillingProfile)
	c.text("p.birth_address", &p.BirthAddress)
	c.time("p.birth_until", &p.BirthUntil)
	c.time("p.rests_until", &p.RestsUntil)
	c.time("p.created", &p.Created)
	c.time("p.updated", &p.Updated)
}

func contactColumns(c *columns, k *storage.Contact) {
	c.text("c.person_id", &k.PersonID)
	c.text("c.id", &k.ID)
	c.text("c.channel", &k.Channel)
	c.text("c.address", &k.Address)
	c.text("c.canonical", &k.Canonical)
	c.flag("c.is_primary", &k.Primary)
	c.time("c.verified_at", &k.VerifiedAt)
	c.time("c.fresh_until", &k.RestsUntil)
	c.flag("c.notices", &k.Notices)
	c.flag("c.no_codes", &k.NoCodes)
	c.text("c.proved_by", &k.ProvedBy)
	c.flag("c.put_back", &k.PutBack)
	c.time("c.created", &k.Created)
}

// factorColumns are without the secret and without pending: see [storage.Person].
func factorColumns(c *columns, f *storage.Factor) {
	c.text("f.person_id", &f.PersonID)
	c.text("f.id", &f.ID)
	c.text("f.method", &f.Method)
	c.text("f.label", &f.Label)
	c.text("f.address", &f.Address)
	c.words("f.channels", &f.Channels)
	c.number("f.last_step", &f.LastStep)
	c.time("f.weak_until", &f.RestsUntil)
	c.flag("f.disabled", &f.Disabled)
	c.time("f.created", &f.Created)
	c.time("f.last_used", &f.LastUsed)
}

// identityFound is an identity as a statement finds it: with the addresses reported of its subject in one text.
type identityFound struct {
	storage.Identity
	emails, reported string
}

func identityColumns(c *columns, i *identityFound) {
	c.text("i.person_id", &i.PersonID)
	c.text("i.provider", &i.Provider)
	c.text("i.subject", &i.Subject)
	c.text("i.emails", &i.emails)
	c.text("i.reported", &i.reported)
	c.time("i.proved_at", &i.ProvedAt)
	c.time("i.created", &i.Created)
}

// recovery is what a person's recovery codes have in common.
type recovery struct {
	personID    string
	made, rests time.Time
	unused      int
}

func recoveryColumns(c *columns, r *recovery) {
	c.text("r.person_id", &r.personID)
	c.time("MIN(r.created)", &r.made)
	c.time("MAX(r.weak_until)", &r.rests)
	c.count("SUM(CASE WHEN r.used_at = 0 THEN 1 ELSE 0 END)", &r.unused)
}

// everyone are the branches of whoever is in who(person_id); owner those of the person of root, of which there is one row
// at most: PostgreSQL then looks the person up once and joins nothing.
var (
	everyone = personBranches("IN (SELECT person_id FROM who)")
	owner    = personBranches("= (SELECT person_id FROM root)")
)

// personBranches are the branches of persons whose id meets the condition.
func personBranches(who string) []branch {
	return []branch{
		branchOf("person", personColumns, "persons p WHERE p.id "+who),
		branchOf("contact", contactColumns, "contacts c WHERE c.person_id "+who),
		// A disabled factor is still the person's own: without it a code to the mailbox would open what it protected.
		branchOf("factor", factorColumns, "factors f WHERE f.person_id "+who+" AND NOT f.pending"),
		branchOf("identity", identityColumns, `(SELECT identities.*, COALESCE((SELECT string_agg(a.address, '`+addressSeparator+`') FROM reported a
			WHERE a.provider = identities.provider AND a.subject = identities.subject), '') AS reported
			FROM identities WHERE person_id `+who+`) AS i`),
		branchOf("recovery", recoveryColumns, "recovery_codes r WHERE r.person_id "+who+" GROUP BY r.person_id"),
	}
}

// peopleFound puts people together from rows in any order.
type peopleFound struct {
	people     []*storage.Person
	contacts   []*storage.Contact
	factors    []*storage.Factor
	identities []*storage.Identity
	recoveries []recovery
}

// add takes the row if it belongs to a person.
func (g *peopleFound) add(row *columns) bool {
	switch row.kind {
	case "person":
		g.people = append(g.people, take(row, personColumns))
	case "contact":
		g.contacts = append(g.contacts, take(row, contactColumns))
	case "factor":
		g.factors = append(g.factors, take(row, factorColumns))
	case "identity":
		i := take(row, identityColumns)
		i.Emails = merge(listOf(i.emails), i.reported)
		g.identities = append(g.identities, &i.Identity)
	case "recovery":
		g.recoveries = append(g.recoveries, recovery{})
		takeInto(row, &g.recoveries[len(g.recoveries)-1], recoveryColumns)
	default:
		return false
	}
	return true
}

// all gives the people in order of id, what belongs to them in order of age, the primary contact first.
func (g *peopleFound) all() []*storage.Person {
	slices.SortFunc(g.people, func(a, b *storage.Person) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(g.contacts, func(a, b *storage.Contact) int {
		if a.Primary != b.Primary {
			if a.Primary {
				return -1
			}
			return 1
		}
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(g.factors, func(a, b *storage.Factor) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(g.identities, func(a, b *storage.Identity) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Subject, b.Subject))
	})
	for _, p := range g.people {
		for _, c := range g.contacts {
			if c.PersonID == p.ID {
				p.Contacts = append(p.Contacts, c)
			}
		}
		for _, f := range g.factors {
			if f.PersonID == p.ID {
				p.Factors = append(p.Factors, f)
			}
		}
		for _, i := range g.identities {
			if i.PersonID == p.ID {
				p.Identities = append(p.Identities, i)
			}
		}
		for _, r := range g.recoveries {
			if r.personID == p.ID {
				p.RecoveryMade, p.RecoveryRestsUntil, p.RecoveryCodes = r.made, r.rests, r.unused
			}
		}
	}
	return g.people
}
