package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
)

// mark keeps statements of the generator itself out of the counts.
const mark = "/* oidcload */"

// stepUp measures the second step alone: a session by password stands, the panel asks for more, the person enters the
// app's code. A code opens once in thirty seconds and a session is stepped up once, so between two operations the two
// rows are put back behind the server's back; neither the time nor the statements of that count.
type stepUp struct {
	mu sync.Mutex
	db *pgx.Conn
}

// session is a row as it was before its step-up.
type session struct {
	id     string
	hash   []byte
	events string
}

// find reads the session of a jar.
func (s *stepUp) find(j *jar) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var hashes [][]byte
	for _, list := range j.kept {
		for _, c := range list {
			h := sha256.Sum256([]byte(c.Value))
			hashes = append(hashes, h[:])
		}
	}
	var at session
	err := s.db.QueryRow(context.Background(), `SELECT id, hash, events FROM sessions WHERE hash = ANY($1) `+mark, hashes).Scan(&at.id, &at.hash, &at.events)
	return &at, err
}

func (s *stepUp) putBack(at *session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.db.Exec(context.Background(), `WITH who AS (UPDATE sessions SET hash = $2, events = $3 WHERE id = $1 RETURNING person_id)
		UPDATE factors SET last_step = 0 FROM who WHERE factors.person_id = who.person_id `+mark, at.id, at.hash, at.events)
	return err
}

func (s *stepUp) change(user, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.db.Exec(context.Background(), text, user)
	return err
}

func (b *bench) stepUpMaker() (maker, error) {
	if b.cfg.AppUser == "" || b.pg == nil || len(b.cfg.StepParams) == 0 {
		return nil, errNotConfigured
	}
	db, err := pgx.Connect(context.Background(), b.dsn)
	if err != nil {
		return nil, err
	}
	s := &stepUp{db: db}
	return func(w int) (step, error) {
		user := fmt.Sprintf(b.cfg.AppUser, w)
		key, err := b.enrol(s, user)
		if err != nil {
			return nil, err
		}
		first := b.browserOf(user)
		if _, err := first.flow(b.cfg.Web, b.cfg.AuthParams); err != nil {
			return nil, err
		}
		before, err := s.find(first.jar)
		if err != nil {
			return nil, fmt.Errorf("the session of %s: %w", user, err)
		}
		first.key, first.noMore = key, true
		kept, dirty := first.jar.copy(), false
		return func() error {
			if dirty {
				dirty = false
				first.wear(kept.copy())
				if err := s.putBack(before); err != nil {
					return err
				}
				b.ownCommits.Add(1)
				return errLater
			}
			dirty = true
			_, err := first.flow(b.cfg.Web, b.cfg.StepParams)
			return err
		}, nil
	}, nil
}

// enrol gives a person an authenticator app, by the provider's own pages. One of an earlier run is forgotten: its key
// was shown only then.
func (b *bench) enrol(s *stepUp, user string) (string, error) {
	if err := s.change(user, `DELETE FROM factors USING persons WHERE persons.id = person_id AND canonical = $1 `+mark); err != nil {
		return "", err
	}
	br := b.browserOf(user)
	if _, err := br.flow(b.cfg.Web, b.cfg.AuthParams); err != nil {
		return "", err
	}
	// An app is switched on behind a code to the person's mailbox only, which nobody reads here: the session says that one
	// was entered. (contact_codes: never, so that the code itself does not satisfy the panel.)
	err := s.change(user, `UPDATE sessions SET events = (events::jsonb || jsonb_build_object('id', 'oidcload', 'm', 'email',
		'c', c.id, 'a', c.canonical, 'q', 'oidcload', 't', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))::text
		FROM persons p JOIN contacts c ON c.person_id = p.id WHERE sessions.person_id = p.id AND p.canonical = $1 `+mark)
	if err != nil {
		return "", err
	}
	if _, err := br.flow(b.cfg.Web, b.cfg.StepParams); err != nil || br.key == "" {
		return "", fmt.Errorf("enrolling %s: no page showed the key of an authenticator app: %w", user, err)
	}
	// The code that confirmed it must serve once more.
	return br.key, s.change(user, `UPDATE factors SET last_step = 0 FROM persons WHERE persons.id = person_id AND canonical = $1 `+mark)
}
