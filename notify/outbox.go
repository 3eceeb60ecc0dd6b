package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// maxContent bounds a message in the outbox, in bytes: far beyond any real one, far below what would hurt.
const maxContent = 256 << 10

// slack lets a message be due although its writer's clock is ahead of the database's.
const slack = time.Minute

// Outbox is where messages are put.
type Outbox struct{ Box *secret.Box }

// content is the sealed part of a row: all that says whom it is for and what it says.
type content struct {
	To      string `json:"to"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text"`
	HTML    string `json:"html,omitempty"`
	Code    string `json:"code,omitempty"`
	Lang    string `json:"lang,omitempty"`
}

// Enqueue writes the message with db, in the caller's transaction: it is sent if that commits, and only then. Call
// [Worker.Wake] afterwards for one that somebody waits for.
func (o *Outbox) Enqueue(ctx context.Context, db storage.Outbox, m Message) error {
	if m.Channel == "" || m.To == "" || m.NotAfter.IsZero() {
		return errors.New("notify: a message needs a channel, a recipient and an end")
	}
	plain, err := json.Marshal(content{To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Code: m.Code, Lang: m.Lang})
	if err != nil {
		return err
	}
	if len(plain) > maxContent {
		return fmt.Errorf("notify: message of %d bytes", len(plain))
	}
	created := cmp.Or(m.Created, time.Now())
	id := cmp.Or(m.ID, secret.NewID())
	return db.Enqueue(ctx, &storage.Message{
		ID: id, PersonID: m.Person, Channel: m.Channel, Kind: m.Kind, Sealed: o.Box.Seal(plain, "message", id),
		Created: created, NotAfter: m.NotAfter, Due: created.Add(-slack),
	})
}

// open reverses the sealing of a leased row.
func (o *Outbox) open(m *storage.Message) (Delivery, error) {
	if m.Channel == storage.ChannelLogout { // nothing is sealed: package session writes it, and knows no key
		stay := m.Stay
		stay.PersonID = m.PersonID
		return Delivery{ID: m.ID, Channel: m.Channel, Kind: m.Kind, Stay: stay, Created: m.Created}, nil
	}
	plain, err := o.Box.Open(m.Sealed, "message", m.ID)
	if err != nil {
		return Delivery{}, err
	}
	var c content
	if err := json.Unmarshal(plain, &c); err != nil {
		return Delivery{}, err
	}
	return Delivery{
		ID: m.ID, Channel: m.Channel, Kind: m.Kind, To: c.To, Subject: c.Subject, Text: c.Text, HTML: c.HTML,
		Code: c.Code, Lang: c.Lang, Created: m.Created,
	}, nil
}
