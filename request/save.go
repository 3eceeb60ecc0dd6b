package request

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// Keep stores a request; storage makes room where too many are open for the browser or the address (ip, as
// storage.Request.IP). A browser with a session is never refused because of its neighbours. When too many requests are open
// in total, browsers without a cookie are refused: ErrCrowded.
func (q *Requests) Keep(ctx context.Context, o *Open, b Browser, ip string) error {
	l, standing := o.Config.Limits, b.standing(o.Held)
	var bound []byte
	if b.Give != nil {
		bound = secret.Hash(b.Give())
	}
	if standing == storage.Fresh {
		full, err := q.crowd.full(ctx, q.store, l.Requests, o.Now)
		if err != nil {
			return err
		}
		if full {
			return ErrCrowded
		}
	}
	asked, err := o.write()
	if err != nil {
		return err
	}
	answer, err := json.Marshal(o.Answer)
	if err != nil {
		return err
	}
	err = q.store.CreateRequest(ctx, &storage.Request{
		Hash: secret.Hash(o.Asked.ID), Version: 1, ClientID: o.Client.ID, BrowserHash: bound, IP: ip, Standing: standing,
		Params: answer, Asked: asked, Created: o.Now, Expires: o.Now.Add(o.Config.Lifetimes.Request),
	}, l.RequestsPerBrowser, l.RequestsPerIP)
	if err == nil {
		q.crowd.stored()
	}
	return crowded(err)
}

// crowded is ErrCrowded where storage could make no room.
func crowded(err error) error {
	if errors.Is(err, storage.ErrConflict) {
		return ErrCrowded
	}
	return err
}

// Save writes what became of the request, as change leaves it, and whether a form of ours was posted. o itself stays as it
// is: the transaction may be run again. storage.ErrConflict when another tab was faster.
func (o *Open) Save(ctx context.Context, db storage.Requests, posted bool, change func(*Open)) (err error) {
	then, row := *o, *o.Row
	change(&then)
	row.Interacted = row.Interacted || posted
	if then.Arrived != nil { // a provider's word is a step that succeeded
		row.Standing = storage.Proved
	}
	if row.Asked, err = then.write(); err != nil {
		return err
	}
	return db.UpdateRequest(ctx, &row)
}

// Proved notes in the transaction of an act that a form was posted, so that the last hop is no redirect: browsers apply the
// CSP's form-action to the whole chain behind a form. And that something was proved, so that the request makes room for no
// other.
func (o *Open) Proved(ctx context.Context, db storage.Requests) error {
	if o.Row.Interacted && o.Row.Standing == storage.Proved {
		return nil
	}
	row := *o.Row
	row.Interacted, row.Standing = true, storage.Proved
	err := db.UpdateRequest(ctx, &row)
	if errors.Is(err, storage.ErrConflict) { // the other tab wrote the same
		return nil
	}
	return err
}

// Finish ends the request without a code, once, with the records of it. One that was never stored has only those.
func (o *Open) Finish(ctx context.Context, db storage.Store, records ...*storage.Event) error {
	if o.Row == nil {
		return db.Append(ctx, records...)
	}
	err := db.Tx(ctx, func(tx storage.Records) error {
		if err := tx.FinishRequest(ctx, o.Row.Hash, o.Now); err != nil {
			return err
		}
		return tx.Append(ctx, records...)
	})
	if errors.Is(err, storage.ErrUsed) {
		return ErrFinished
	}
	return err
}
