package user

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

const (
	linkNotMe    = "not_me"      // "it was not me": the link of one notice to one address
	linkDisowned = "not_me_done" // … and what its page says afterwards
)

// disownedLasts is how long the page behind a tap says what the person has to get back in.
const disownedLasts = 30 * time.Minute

// Act is something that happened to an account, which its owner may say they did not do.
type Act struct {
	At time.Time
	By session.Client // the browser; zero = none
}

// mailed is what a link of "it was not me" knows besides its address: which row of the contacts it was mailed to, and who acted.
type mailed struct {
	Contact string         `json:"contact,omitempty"`
	Gone    bool           `json:"gone,omitempty"` // the address was the account's no more
	By      session.Client `json:"by"`
}

// NotMe makes the link of a security notice to one address of a person; left says that the account has just left that address. Each
// message has its own, which lives beside the others: a newer notice must not take away the link of the one that is true, and a
// link dies with the contact it was mailed to.
func (s *Resets) NotMe(ctx context.Context, records storage.Links, to *storage.Contact, left bool, act Act) (string, error) {
	data, err := json.Marshal(mailed{to.ID, left, act.By})
	if err != nil {
		return "", err
	}
	link := secret.New("")
	return link, records.PutLink(ctx, &storage.Link{
		Hash: secret.Hash(link), Purpose: notMe(link), PersonID: to.PersonID, Address: to.Canonical, Data: data,
		Created: act.At, Expires: act.At.Add(s.config().Lifetimes.NotMe),
	})
}

// FindNotMe returns the person behind such a link, and burns nothing. storage.ErrNotFound, also where the contact is gone to
// which it was mailed.
func (s *Resets) FindNotMe(ctx context.Context, records storage.Records, link string, now time.Time) (*storage.Person, error) {
	l, err := records.Link(ctx, secret.Hash(link), notMe(link), now)
	if err != nil {
		return nil, err
	}
	p, _, err := notMeOf(ctx, records, l)
	return p, err
}

func notMeOf(ctx context.Context, records storage.People, l *storage.Link) (*storage.Person, mailed, error) {
	var m mailed
	if err := json.Unmarshal(l.Data, &m); err != nil && len(l.Data) > 0 {
		return nil, m, err
	}
	p, err := records.Person(ctx, l.PersonID)
	if err != nil {
		return nil, m, err
	}
	there := func(c *storage.Contact) bool { return c.ID == m.Contact && c.Canonical == l.Address }
	if l.Address != "" && !m.Gone && !slices.ContainsFunc(p.Contacts, there) {
		return nil, m, storage.ErrNotFound
	}
	return p, m, nil
}

// Disown uses such a link, once: it ends everything (session.EndAccess, which writes the record) and freezes the account from the
// moment of the act on (acr.Freeze). storage.ErrNotFound. It returns the secret of a link that only shows what became of it: see
// Disowned.
func (s *Resets) Disown(ctx context.Context, records storage.Records, link string, record *storage.Event) (string, error) {
	l, err := records.TakeLink(ctx, secret.Hash(link), notMe(link), record.At)
	if err != nil {
		return "", err
	}
	p, m, err := notMeOf(ctx, records, l)
	if err != nil {
		return "", err
	}
	sessions, err := records.SessionsOf(ctx, p.ID, record.At)
	if err != nil {
		return "", err
	}
	theirs := slices.DeleteFunc(sessions, func(o *storage.Session) bool {
		return m.By.IP == "" || o.IP != m.By.IP || o.UserAgent != m.By.UserAgent
	})
	via, err := session.CodesTo(theirs...)
	if err != nil {
		return "", err
	}
	if l.Address != "" {
		via = append(via, l.Address)
	}
	// Whoever reads an address that the account has left takes away, and gives nothing (acr.Freeze).
	inside := m.Gone || l.Address == ""
	return s.disown(ctx, records, p, storage.Freezing{Act: l.Created, Mailed: !inside, Via: via}, record)
}

// DisownInside is Disown, said in a session: of the act of a record, or without one of whatever happened until now. by is the
// session of the act; nil = it is not known.
func (s *Resets) DisownInside(ctx context.Context, records storage.Records, p *storage.Person, act time.Time, by *storage.Session, record *storage.Event) (string, error) {
	var via []string
	if by != nil {
		var err error
		if via, err = session.CodesTo(by); err != nil {
			return "", err
		}
	}
	if box := MainMailbox(p, record.At); len(via) == 0 && box != nil { // where the links for passwords go
		via = []string{box.Canonical}
	}
	return s.disown(ctx, records, p, storage.Freezing{Act: act, Via: via}, record)
}

func (s *Resets) disown(ctx context.Context, records storage.Records, p *storage.Person, z storage.Freezing, record *storage.Event) (string, error) {
	z.PersonID, z.Now, z.Until = p.ID, record.At, record.At.Add(s.config().Policy.Cooling)
	slices.Sort(z.Via)
	z.Via = slices.Compact(z.Via)
	known := func(address string) bool { return slices.Contains(p.FrozenVia, address) }
	if p.FrozenUntil.After(record.At) {
		z.Via = slices.DeleteFunc(z.Via, known)
	}
	if err := records.VoidSecondSteps(ctx, p.ID); err != nil { // a quarantine is not ended
		return "", err
	}
	if err := records.Freeze(ctx, &z); err != nil {
		return "", err
	}
	record.PersonID = p.ID
	frozen := *record
	frozen.ID, frozen.Name, frozen.Reason = secret.NewID(), audit.PersonFrozen, "inside"
	if z.Mailed {
		frozen.Reason = "link"
	}
	var err error
	if frozen.Detail, err = json.Marshal(map[string]time.Time{"since": z.Act, "until": z.Until}); err != nil {
		return "", err
	}
	if err := records.Append(ctx, &frozen); err != nil {
		return "", err
	}
	if err := session.EndAccess(ctx, records, record); err != nil {
		return "", err
	}
	link := secret.New("")
	return link, records.PutLink(ctx, &storage.Link{
		Hash: secret.Hash(link), Purpose: linkDisowned, PersonID: p.ID, Created: record.At, Expires: record.At.Add(disownedLasts),
	})
}

// Disowned returns the person whose account was frozen by this browser a moment ago. storage.ErrNotFound.
func (s *Resets) Disowned(ctx context.Context, records storage.Records, link string, now time.Time) (*storage.Person, error) {
	l, err := records.Link(ctx, secret.Hash(link), linkDisowned, now)
	if err != nil {
		return nil, err
	}
	return records.Person(ctx, l.PersonID)
}

// notMe is the purpose of one notice's link: storage keeps one link per person and purpose.
func notMe(link string) string { return linkNotMe + " " + hex.EncodeToString(secret.Hash(link)[:8]) }
