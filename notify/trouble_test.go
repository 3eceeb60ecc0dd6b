package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/notify/mailtest"
	"github.com/soglia-sso/soglia/storage/sql"
)

func TestQ25ATroubleLastsUntilAMessageGoesOut(t *testing.T) {
	var answer atomic.Pointer[error]
	g := &gateway{send: func(context.Context, int, Delivery) error { return *answer.Load() }}
	bubble(t, g, func(db *sql.Store, w *Worker) {
		try := func(err error) {
			answer.Store(&err)
			put(t, db)
			time.Sleep(5 * time.Second)
		}
		try(fmt.Errorf("%w: 550", ErrRefused))
		if w.Failing("email") || len(w.Troubles()) != 0 {
			t.Error("one mailbox that is not there speaks for the gateway")
		}
		try(fmt.Errorf("%w: 450", ErrRecipient))
		if w.Failing("email") || len(w.Troubles()) != 0 {
			t.Error("one mailbox that is full speaks for the gateway")
		}
		begin := db.Now()
		try(errors.New("connection refused"))
		try(fmt.Errorf("%w: 550", ErrRefused))
		in := w.Troubles()["email"]
		if !w.Failing("email") || w.Failing("sms") || in.Cause != "connection refused" || in.Since.Before(begin) {
			t.Errorf("in trouble: %+v", in)
		}
		time.Sleep(time.Hour) // the message was given up long ago
		if again := w.Troubles()["email"]; w.Failing("email") || !again.Since.Equal(in.Since) {
			t.Errorf("an hour later people are told, or operators are not: %+v", again)
		}
		try(nil)
		if w.Failing("email") || len(w.Troubles()) != 0 {
			t.Error("a message went out, and the channel is in trouble")
		}
	})
}

func TestQ25WhatLivesLongOutlastsAnHourWithoutAMailServer(t *testing.T) {
	var back atomic.Bool
	g := &gateway{send: func(context.Context, int, Delivery) error {
		if !back.Load() {
			return errors.New("connection refused")
		}
		return nil
	}}
	bubble(t, g, func(db *sql.Store, w *Worker) {
		put(t, db, func(m *Message) { m.Kind, m.NotAfter = "notice", db.Now().Add(24*time.Hour) })
		time.Sleep(time.Hour)
		back.Store(true)
		time.Sleep(3 * time.Hour)
		if got := w.Counts(); got[Count{"email", sent}] != 1 || len(g.seen()) > maxTries {
			t.Errorf("%d tries, %v", len(g.seen()), got)
		}
	})
}

func TestQ25WhatAMailServerAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		server *mailtest.Server
		to     string
		is     error  // ErrRefused, ErrRecipient, errPutOff; nil = the server's own trouble
		says   string // of the error, or of the answer
	}{
		"taken":                  {&mailtest.Server{}, "u@example.it", nil, "queued"},
		"no such mailbox":        {&mailtest.Server{Refuse: mailtest.Refusal(550, 5, 1, 1)}, "u@example.it", ErrRefused, "550"},
		"it takes none of us":    {&mailtest.Server{Refuse: mailtest.Refusal(554, 5, 7, 1)}, "u@example.it", nil, "554"},
		"the mailbox is full":    {&mailtest.Server{Refuse: mailtest.Refusal(452, 4, 2, 2)}, "u@example.it", ErrRecipient, "452"},
		"it puts them off":       {&mailtest.Server{Refuse: mailtest.Refusal(450, 4, 7, 1)}, "u@example.it", errPutOff, "450"},
		"its disk is full":       {&mailtest.Server{Refuse: mailtest.Refusal(452, 4, 3, 1)}, "u@example.it", nil, "452"},
		"none of those letters":  {&mailtest.Server{Refuse: mailtest.Refusal(553, 5, 6, 7)}, "nicolò@example.it", ErrRecipient, "553"},
		"no SMTPUTF8":            {&mailtest.Server{ASCII: true}, "nicolò@example.it", ErrRecipient, "no SMTPUTF8"},
		"it repeats the mailbox": {&mailtest.Server{Refuse: mailtest.Refusal(550, 5, 1, 1)}, "Secret.Name@example.it", ErrRefused, "550"},
	} {
		t.Run(name, func(t *testing.T) {
			d := letter
			d.To = c.to
			taken, err := openAt(t, "smtp://"+c.server.Start(t), nil).Send(t.Context(), d)
			answer := taken.Answer
			if err == nil {
				if !strings.Contains(answer, c.says) {
					t.Errorf("answer %q", answer)
				}
				return
			}
			is := errors.Is(err, ErrRefused) == (c.is == ErrRefused) && errors.Is(err, ErrRecipient) == (c.is == ErrRecipient) && errors.Is(err, errPutOff) == (c.is == errPutOff)
			if !is || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), c.to) {
				t.Errorf("%v", err)
			}
		})
	}
}
