package sql

import (
	"context"

	"github.com/soglia-sso/soglia/storage"
)

// endedGrant is a row of a statement that ends grants.
type endedGrant struct {
	storage.ClientSession
	redeemed  int64 // 0 = its code was never redeemed, so its client knows nothing of the person
	endedThen bool  // it ended by this statement
}

const endedColumns = ` RETURNING client_id, sid, person_id, session_id, redeemed_at, CASE WHEN ended_at = $3 THEN 1 ELSE 0 END`

func (r records) endGrants(ctx context.Context, text string, args ...any) ([]endedGrant, error) {
	var out []endedGrant
	err := r.q.Query(ctx, func(row Row) error {
		var g endedGrant
		var then int64
		if err := row.Scan(&g.ClientID, &g.Sid, &g.PersonID, &g.SessionID, &g.redeemed, &then); err != nil {
			return err
		}
		g.endedThen = then == 1
		out = append(out, g)
		return nil
	}, text, args...)
	return out, err
}

// told are the clients to tell, once for each session: a panel that was visited three times is told once.
func told(grants []endedGrant) []storage.ClientSession {
	var out []storage.ClientSession
	seen := map[storage.ClientSession]bool{}
	for _, g := range grants {
		if g.redeemed == 0 || seen[g.ClientSession] {
			continue
		}
		seen[g.ClientSession] = true
		out = append(out, g.ClientSession)
	}
	return out
}

// EndSessions updates all grants of the sessions, also those that it leaves as they are (offline ones, ended ones): so one
// statement ends some and returns the clients of all.
func (r records) EndSessions(ctx context.Context, e storage.SessionEnd) ([]storage.ClientSession, error) {
	is, id := `=`, e.Only
	if e.Only == "" {
		is, id = `<>`, e.Except
	}
	var grants []endedGrant
	over := map[string]bool{}
	err := r.tx(ctx, func(r records) error {
		clear(over)
		// The session first: its lock holds off IssueCode (FOR SHARE there), so that the second statement sees every
		// grant there will ever be on it.
		err := r.q.Query(ctx, func(row Row) error {
			var id string
			err := row.Scan(&id)
			over[id] = true
			return err
		}, `UPDATE sessions SET ended_at = $3, end_reason = $4 WHERE person_id = $1 AND id `+is+` $2 AND ended_at = 0
			RETURNING id`, e.PersonID, id, micros(e.Now), e.Reason)
		if err != nil {
			return err
		}
		if e.Only != "" && len(over) == 0 {
			return r.existing(ctx, storage.ErrUsed, `SELECT 1 FROM sessions WHERE id = $1 AND person_id = $2`, e.Only, e.PersonID)
		}
		ends := `ended_at = 0 AND NOT offline`
		if e.Offline {
			ends = `ended_at = 0`
		}
		grants, err = r.endGrants(ctx, `UPDATE grants SET ended_at = CASE WHEN `+ends+` THEN $3 ELSE ended_at END,
			end_reason = CASE WHEN `+ends+` THEN $4 ELSE end_reason END
			WHERE person_id = $1 AND session_id `+is+` $2`+endedColumns, e.PersonID, id, micros(e.Now), e.Reason)
		return err
	})
	if err != nil {
		return nil, err
	}
	var concerned []endedGrant
	for _, g := range grants {
		if g.endedThen || over[g.SessionID] {
			concerned = append(concerned, g)
		}
	}
	return told(concerned), nil
}

func (r records) EndGrants(ctx context.Context, e storage.GrantEnd) (int, []storage.ClientSession, error) {
	switch {
	case e.ID != "":
		grants, err := r.endGrants(ctx, `UPDATE grants SET ended_at = $3, end_reason = $2 WHERE id = $1 AND ended_at = 0`+endedColumns,
			e.ID, e.Reason, micros(e.Now))
		return len(grants), told(grants), err
	case e.PersonID != "":
		// One that has expired already has not ended now.
		grants, err := r.endGrants(ctx, `UPDATE grants SET ended_at = $3, end_reason = $4
			WHERE person_id = $1 AND client_id = $2 AND ended_at = 0 AND expires > $3`+endedColumns,
			e.PersonID, e.ClientID, micros(e.Now), e.Reason)
		return len(grants), told(grants), err
	}
	n, err := r.endAllOf(ctx, e)
	return n, nil, err
}

// endAllOf goes through the grants in the order of their ids, so many at a time that no statement takes long. An index on
// the client would cost every sign-in, for what an operator does once a year.
func (r records) endAllOf(ctx context.Context, e storage.GrantEnd) (int, error) {
	ended := 0
	err := r.tx(ctx, func(r records) error {
		ended = 0
		for last := ""; ; {
			var to string
			err := r.q.QueryRow(ctx, `SELECT COALESCE(MAX(id), '') FROM (SELECT id FROM grants WHERE id > $1 ORDER BY id LIMIT 10000) AS next`,
				last).Scan(&to)
			if err != nil || to == "" {
				return err
			}
			n, err := r.q.Exec(ctx, `UPDATE grants SET ended_at = $4, end_reason = $5
				WHERE id > $1 AND id <= $2 AND client_id = $3 AND ended_at = 0 AND expires > $4`,
				last, to, e.ClientID, micros(e.Now), e.Reason)
			if err != nil {
				return err
			}
			last, ended = to, ended+int(n)
		}
	})
	return ended, err
}
