package request

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// What stands between a browser and a request. The numbers are HTTP's, of which this package sees nothing else.
var (
	ErrUnknownClient = &web.Error{Status: 400, Code: "invalid_client", Message: "unknown_client"} // it is not in the YAML any more
	ErrElsewhere     = &web.Error{Status: 403, Code: "other_browser", Message: "other_browser"}
	ErrGone          = &web.Error{Status: 410, Code: "session_expired", Message: "session_expired"}
	ErrFinished      = &web.Error{Status: 410, Code: "already_finished", Message: "already_finished"}
	ErrCrowded       = &web.Error{Status: 429, Code: "too_many_requests", Message: "too_many", RetryAfter: 30} // by then others have ended
	ErrContended     = &web.Error{Status: 503, Code: "temporarily_unavailable", Message: "unavailable", RetryAfter: 1}
)

// Attempts bounds how often something is done again because another tab was faster.
const Attempts = 3

// Browser is what a browser brings along: the secrets of its cookies, "" for those it lacks.
type Browser struct {
	ID, Session, Quarantine string
	// Give gives it an ID. A request that is bound to no browser yet (it came by POST) is bound to the first that has one
	// or is given one; nil binds nothing.
	Give func() string
}

// Open loads the request of an id for the browser it belongs to, with that browser's session, in one statement. One that
// made room for others is opened again. What it lacks is for [Open.Decide] to say.
//
// The errors are ErrGone (or one like it that says where to begin again), ErrElsewhere, ErrFinished, ErrCrowded and
// ErrUnknownClient, in this order. Another browser than the request's learns just that, and leaves an audit record.
func (q *Requests) Open(ctx context.Context, cfg *config.Config, id string, b Browser, now time.Time) (*Open, error) {
	for range Attempts {
		row, held, err := session.LoadInto(ctx, q.store, secret.Hash(id), b.Session, now)
		if errors.Is(err, storage.ErrNotFound) {
			return nil, q.gone(ctx, cfg, id, b, now)
		}
		if err != nil {
			return nil, err
		}
		unbound := len(row.BrowserHash) == 0
		if unbound && b.Give == nil || !unbound && subtle.ConstantTimeCompare(row.BrowserHash, secret.Hash(b.ID)) != 1 {
			q.elsewhere(ctx, cfg, row, now)
			return nil, ErrElsewhere
		}
		if !row.FinishedAt.IsZero() && !row.Evicted {
			return nil, ErrFinished
		}
		if unbound {
			row.Standing = b.standing(held)
			row.BrowserHash = secret.Hash(b.Give())
			if err := q.store.UpdateRequest(ctx, row); errors.Is(err, storage.ErrConflict) {
				continue
			} else if err != nil {
				return nil, err
			}
		}
		if err := q.reopen(ctx, cfg, row, held, now); err != nil {
			return nil, err
		}
		o := &Open{Row: row, Held: held, Config: cfg, Now: now, in: q}
		return o, o.read()
	}
	return nil, ErrContended
}

// gone is ErrGone, and for the browser that a request belonged to, the way to begin it again: people leave a sign-in page
// open over lunch.
func (q *Requests) gone(ctx context.Context, cfg *config.Config, id string, b Browser, now time.Time) error {
	row, err := q.store.Request(ctx, secret.Hash(id), now.Add(-storage.RequestKept))
	if errors.Is(err, storage.ErrNotFound) {
		return ErrGone
	}
	if err != nil {
		return err
	}
	client := cfg.Client(row.ClientID)
	if client == nil || len(row.BrowserHash) == 0 || subtle.ConstantTimeCompare(row.BrowserHash, secret.Hash(b.ID)) != 1 {
		return ErrGone
	}
	e := *ErrGone
	e.Args, e.Retry = map[string]any{"Panel": client.Name}, client.InitiateLoginURI
	return &e
}

// reopen opens a request again that had to make room before its browser came back; now others make room for it.
func (q *Requests) reopen(ctx context.Context, cfg *config.Config, row *storage.Request, held *session.Current, now time.Time) error {
	if !row.Evicted {
		return nil
	}
	known := storage.Returned
	if held.SignedIn() {
		known = storage.SignedIn
	}
	row.Standing = max(row.Standing, known)
	return crowded(q.store.ReopenRequest(ctx, row, cfg.Limits.RequestsPerBrowser, cfg.Limits.RequestsPerIP, now))
}

// standing is what a request's browser is, before it is given a cookie.
func (b Browser) standing(held *session.Current) storage.Standing {
	switch {
	case held.SignedIn():
		return storage.SignedIn
	case b.ID != "":
		return storage.Returned
	}
	return storage.Fresh
}

// elsewhere records that a request was opened in another browser than its own.
func (q *Requests) elsewhere(ctx context.Context, cfg *config.Config, row *storage.Request, now time.Time) {
	ev := audit.From(ctx).Event(audit.AuthzDenied, audit.Fail, ErrElsewhere.Code)
	ev.At, ev.ClientID = now, row.ClientID
	q.Refused(ctx, cfg, ev)
}

// Refused writes a record that belongs to no transaction: nothing happened but a refusal, which stands also when the
// database is away. Anyone can write such a link, so there are only so many of an address; all are in the log.
func (q *Requests) Refused(ctx context.Context, cfg *config.Config, ev *storage.Event) {
	key, l := audit.LimitKey("authz_denied", "", audit.From(ctx).IP), cfg.Limits
	if _, shut := q.refusals.Shut(key, ev.At); shut {
		return
	}
	var counter storage.Counter
	err := q.store.Tx(ctx, func(tx storage.Records) (err error) {
		if counter, err = tx.Bump(ctx, key, l.PerIPWindow, ev.At); err != nil {
			return err
		}
		return tx.Append(ctx, ev)
	})
	if err != nil {
		q.log.LogAttrs(ctx, slog.LevelError, "audit record lost", slog.String("event", ev.Name), slog.String("reason", ev.Reason),
			slog.Any("error", err))
		return
	}
	if counter.Count >= l.ClientAuthFailures*audit.AddressShare {
		q.refusals.Close(key, counter.Since.Add(l.PerIPWindow), ev.At)
	}
}
