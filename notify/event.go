package notify

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// eventFor is how long the operator's program is told of an event that it does not take.
const eventFor = 24 * time.Hour

// eventVersion goes up when a member of eventData goes away or means something else; a new member leaves it.
const eventVersion = 1

// eventData is what the operator's program is told, under "data". docs/events.md explains the members.
type eventData struct {
	Version        int    `json:"version"`
	ID             string `json:"id"` // of the record
	Outcome        string `json:"outcome"`
	Reason         string `json:"reason,omitempty"`
	Subject        string `json:"subject,omitempty"` // whom it happened to: sub in tokens
	CustomerNumber string `json:"customer_number,omitempty"`
	ExternalID     string `json:"external_id,omitempty"`
	Actor          string `json:"actor,omitempty"` // who did it
	Client         string `json:"client,omitempty"`
	Request        string `json:"request,omitempty"`
	ContactID      string `json:"contact_id,omitempty"`
	Contact        string `json:"contact,omitempty"` // masked
}

// Events puts records of some names into the outbox, in the transaction that writes them: it stands before a database, so
// that whoever records something need not think of it. nil tells nobody anything.
type Events struct {
	names []string
	box   *secret.Box
}

// NewEvents is for whom the configuration names; nil = nobody.
func NewEvents(w *config.Webhook, box *secret.Box) *Events {
	if w == nil {
		return nil
	}
	return &Events{w.Events, box}
}

// Around is the database with events told.
func (e *Events) Around(db storage.Store) storage.Store {
	if e == nil {
		return db
	}
	return tellingStore{db, e}
}

type tellingStore struct {
	storage.Store
	events *Events
}

func (s tellingStore) Tx(ctx context.Context, f func(storage.Records) error) error {
	return s.Store.Tx(ctx, func(r storage.Records) error { return f(tellingRecords{r, s.events, s.Now}) })
}

// Append makes a transaction of the record and of what is told of it.
func (s tellingStore) Append(ctx context.Context, all ...*storage.Event) error {
	if !slices.ContainsFunc(all, s.events.tells) {
		return s.Store.Append(ctx, all...)
	}
	return s.Tx(ctx, func(r storage.Records) error { return r.Append(ctx, all...) })
}

type tellingRecords struct {
	storage.Records
	events *Events
	now    func() time.Time
}

func (t tellingRecords) Append(ctx context.Context, all ...*storage.Event) error {
	for _, ev := range all {
		if t.events.tells(ev) {
			if err := t.events.enqueue(ctx, t.Records, ev, t.now()); err != nil {
				return err
			}
		}
	}
	return t.Records.Append(ctx, all...)
}

func (e *Events) tells(ev *storage.Event) bool { return ev != nil && slices.Contains(e.names, ev.Name) }

// enqueue writes what will be told as it is now. The message has the id of its record, so that nothing is told twice of one.
func (e *Events) enqueue(ctx context.Context, db storage.Records, ev *storage.Event, now time.Time) error {
	if ev.ID == "" {
		ev.ID = secret.NewID()
	}
	if ev.At.IsZero() {
		ev.At = now
	}
	said := eventData{
		Version: eventVersion, ID: ev.ID, Outcome: ev.Outcome, Reason: ev.Reason, Subject: ev.PersonID, Actor: ev.Actor,
		Client: ev.ClientID, Request: ev.RequestID,
	}
	if ev.PersonID != "" {
		p, err := db.Person(ctx, ev.PersonID)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		if err == nil {
			said.CustomerNumber, said.ExternalID = p.CustomerNumber, p.ExternalID
		}
	}
	var detail struct { // of what else a record keeps nothing is told
		Contact string `json:"contact"`
		Address string `json:"address"` // masked already
	}
	if len(ev.Detail) > 0 && json.Unmarshal(ev.Detail, &detail) == nil {
		said.ContactID, said.Contact = detail.Contact, detail.Address
	}
	data, err := json.Marshal(said)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(content{Text: string(data)})
	if err != nil {
		return err
	}
	return db.Enqueue(ctx, &storage.Message{
		ID: ev.ID, PersonID: ev.PersonID, Channel: storage.ChannelEvent, Kind: ev.Name, Sealed: e.box.Seal(plain, "message", ev.ID),
		Created: ev.At, NotAfter: ev.At.Add(eventFor), Due: ev.At.Add(-slack),
	})
}

// teller hands events to the operator's program: the webhook of messages with other words in it.
type teller struct{ *webhook }

// OpenEvents makes the driver of [storage.ChannelEvent]. out says how much of our own network it may reach.
func OpenEvents(w *config.Webhook, out *outbound.Client) Driver {
	return teller{&webhook{w.URL, w.Key, out}}
}

// Send tells of one event. Whatever is no yes may be one later: the program knows an event that comes twice, and one that it
// does not understand today it may when somebody has mended it.
func (t teller) Send(ctx context.Context, d Delivery) (Taken, error) {
	_, err := t.tell(ctx, d, d.Kind, json.RawMessage(d.Text))
	var no *NotNow
	if err != nil && !errors.As(err, &no) {
		err = errors.New(err.Error())
	}
	return Taken{}, err
}
