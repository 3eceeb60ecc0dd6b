package sql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// A person whole, alone or behind a session, a grant or a token, is one statement: a UNION ALL whose rows all have a
// kind and then as many text and number columns as the widest kind needs. Each branch says which; the rest is padded.

// branch is the rows of one kind.
type branch struct {
	kind    string
	texts   string // comma-separated expressions
	numbers string
	from    string // with its WHERE
}

// Column lists without commas inside an expression: union splits at them.
func columns(s string) []string {
	if s == "" {
		return nil
	}
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// The most columns any branch has; shape checks it when the program starts.
const (
	maxTexts   = 12
	maxNumbers = 11
)

// shape is a statement made of branches.
type shape struct {
	sql            string
	texts, numbers int
}

// union makes the statement. Its common tables, who(person_id) or root among them, come first.
func union(with string, branches ...branch) shape {
	var s shape
	for _, b := range branches {
		s.texts = max(s.texts, len(columns(b.texts)))
		s.numbers = max(s.numbers, len(columns(b.numbers)))
	}
	if s.texts > maxTexts || s.numbers > maxNumbers {
		panic(fmt.Sprintf("sql: a branch with %d texts and %d numbers", s.texts, s.numbers))
	}
	var b strings.Builder
	b.WriteString("SELECT * FROM (WITH " + with + " ")
	for i, br := range branches {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		cols := []string{"'" + br.kind + "' AS kind"}
		cols = append(cols, pad(columns(br.texts), s.texts, "''", "t", i == 0)...)
		cols = append(cols, pad(bigints(columns(br.numbers)), s.numbers, "CAST(0 AS BIGINT)", "n", i == 0)...)
		b.WriteString("SELECT " + strings.Join(cols, ", ") + " FROM " + br.from)
	}
	b.WriteString(") AS whole")
	s.sql = b.String()
	return s
}

// bigints gives numbers the one type of their column. Where branches differ in one, PostgreSQL puts a node above each that
// makes all of its columns once more.
func bigints(cols []string) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = "CAST(" + c + " AS BIGINT)"
	}
	return out
}

func pad(cols []string, n int, with, name string, named bool) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = with
		if i < len(cols) {
			out[i] = cols[i]
		}
		if named {
			out[i] = fmt.Sprintf("%s AS %s%d", out[i], name, i+1)
		}
	}
	return out
}

// everyone are the branches of whoever is in who(person_id); owner those of the person of root, of which there is one row
// at most: PostgreSQL then looks the person up once and joins nothing.
var (
	everyone = people("IN (SELECT person_id FROM who)")
	owner    = people("= (SELECT person_id FROM root)")
)

// people are the branches of persons whose id meets the condition.
func people(who string) []branch {
	return []branch{
		{
			kind: "person",
			texts: "p.id, p.username, p.canonical, p.customer_number, p.external_id, p.locale, p.profile, p.password_hash," +
				"p.password_via, p.birth_address",
			numbers: "p.version, p.password_set_at, p.password_via_to, CASE WHEN p.every_sign_in THEN 1 ELSE 0 END," +
				"CASE WHEN p.disabled THEN 1 ELSE 0 END, CASE WHEN p.billing_profile THEN 1 ELSE 0 END, p.created, p.updated," +
				"p.second_since, p.birth_until, p.rests_until",
			from: "persons p WHERE p.id " + who,
		},
		{
			kind:    "contact",
			texts:   "c.person_id, c.id, c.channel, c.address, c.canonical",
			numbers: "CASE WHEN c.is_primary THEN 1 ELSE 0 END, c.verified_at, c.fresh_until, c.created",
			from:    "contacts c WHERE c.person_id " + who,
		},
		{
			kind:    "factor",
			texts:   "f.person_id, f.id, f.method, f.label, f.address",
			numbers: "f.last_step, f.weak_until, f.created, f.last_used, CASE WHEN f.disabled THEN 1 ELSE 0 END",
			// A disabled factor is still the person's own: without it a code to the mailbox would open what it protected.
			from: "factors f WHERE f.person_id " + who + " AND NOT f.pending",
		},
		{
			kind:    "identity",
			texts:   "i.person_id, i.provider, i.subject, i.emails, i.told",
			numbers: "i.proved_at, i.created",
			from: `(SELECT identities.*, COALESCE((SELECT string_agg(a.address, '` + lines + `') FROM reported a
				WHERE a.provider = identities.provider AND a.subject = identities.subject), '') AS told
				FROM identities WHERE person_id ` + who + `) AS i`,
		},
		{
			kind:    "reserve",
			texts:   "c.person_id",
			numbers: "MIN(c.created), MAX(c.weak_until), SUM(CASE WHEN c.used_at = 0 THEN 1 ELSE 0 END)",
			from:    "recovery_codes c WHERE c.person_id " + who + " GROUP BY c.person_id",
		},
	}
}

// each runs the statement and hands out every row that is no part of a person; those it puts together.
func (s shape) each(ctx context.Context, q Q, root func(*wide), args ...any) ([]*storage.Person, error) {
	w := wide{shape: s}
	var found gathering
	err := q.Query(ctx, func(r Row) error {
		if err := w.read(r); err != nil {
			return err
		}
		if !found.take(&w) {
			root(&w)
		}
		return nil
	}, s.sql, args...)
	if err != nil {
		return nil, err
	}
	return found.all(), nil
}

// gathering puts people together from rows in any order.
type gathering struct {
	people     []*storage.Person
	contacts   []*storage.Contact
	factors    []*storage.Factor
	identities []*storage.Identity
	reserves   []reserve
}

// reserve is what a person's reserve codes have in common.
type reserve struct {
	personID    string
	made, rests time.Time
	left        int // not used yet
}

func (g *gathering) take(w *wide) bool {
	t, n := &w.t, &w.n
	switch w.kind {
	case "person":
		g.people = append(g.people, &storage.Person{
			ID: t[0], Username: t[1], Canonical: t[2], CustomerNumber: t[3], ExternalID: t[4], Locale: t[5],
			Profile: bytesOf(t[6]), PasswordHash: t[7], PasswordVia: t[8], BirthAddress: t[9],
			Version: n[0], PasswordSetAt: moment(n[1]), PasswordViaTo: moment(n[2]), EverySignIn: n[3] != 0,
			Disabled: n[4] != 0, BillingProfile: n[5] != 0, Created: moment(n[6]), Updated: moment(n[7]), SecondSince: moment(n[8]),
			BirthUntil: moment(n[9]), RestsUntil: moment(n[10]),
		})
	case "contact":
		g.contacts = append(g.contacts, &storage.Contact{
			PersonID: t[0], ID: t[1], Channel: t[2], Address: t[3], Canonical: t[4],
			Primary: n[0] != 0, VerifiedAt: moment(n[1]), FreshUntil: moment(n[2]), Created: moment(n[3]),
		})
	case "factor":
		g.factors = append(g.factors, &storage.Factor{
			PersonID: t[0], ID: t[1], Method: t[2], Label: t[3], Address: t[4],
			LastStep: n[0], WeakUntil: moment(n[1]), Created: moment(n[2]), LastUsed: moment(n[3]), Disabled: n[4] != 0,
		})
	case "identity":
		g.identities = append(g.identities, &storage.Identity{
			PersonID: t[0], Provider: t[1], Subject: t[2], Emails: merge(listOf(t[3]), t[4]),
			ProvedAt: moment(n[0]), Created: moment(n[1]),
		})
	case "reserve":
		g.reserves = append(g.reserves, reserve{t[0], moment(n[0]), moment(n[1]), int(n[2])})
	default:
		return false
	}
	return true
}

// all gives the people in order of id, what belongs to them in order of age, the primary contact first.
func (g *gathering) all() []*storage.Person {
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
		for _, r := range g.reserves {
			if r.personID == p.ID {
				p.RecoveryMade, p.RecoveryRests, p.RecoveryCodes = r.made, r.rests, r.left
			}
		}
	}
	return g.people
}

// first is for statements that find one person at most.
func first(people []*storage.Person, err error) (*storage.Person, error) {
	if err != nil {
		return nil, err
	}
	if len(people) == 0 {
		return nil, storage.ErrNotFound
	}
	return people[0], nil
}

func ignore(*wide) {}
