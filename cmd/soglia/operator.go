package main

import (
	"context"
	"encoding/json"
	"os"
	"strconv"

	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
)

// operator is the actor of what was done on the server itself.
const operator = "operator"

// operated is the database as commands use it: every record that one writes names the operator, whoever made the record.
type operated struct {
	*sql.Store
	events *notify.Events
}

// told is the database before which the operator's own program is told of records.
func (o operated) told() storage.Store { return o.events.Around(o.Store) }

// Append writes the records in the operator's name.
func (o operated) Append(ctx context.Context, events ...*storage.Event) error {
	return operatedRecords{o.told()}.Append(ctx, events...)
}

// Tx does the same for what is recorded in a transaction.
func (o operated) Tx(ctx context.Context, f func(storage.Records) error) error {
	return o.told().Tx(ctx, func(r storage.Records) error { return f(operatedRecords{r}) })
}

type operatedRecords struct{ storage.Records }

func (o operatedRecords) Append(ctx context.Context, events ...*storage.Event) error {
	who := whoRuns()
	for _, ev := range events {
		members := map[string]any{}
		if ev.Detail != nil {
			if err := json.Unmarshal(ev.Detail, &members); err != nil {
				return err
			}
		}
		members["uid"] = who.UID
		if who.Sudo != nil {
			members["sudo_uid"] = *who.Sudo
		}
		detail, err := json.Marshal(members)
		if err != nil {
			return err
		}
		ev.Actor, ev.Detail = operator, detail
	}
	return o.Records.Append(ctx, events...)
}

// whoRuns is the user of this process.
func whoRuns() *server.Operator {
	who := &server.Operator{UID: os.Getuid()}
	if n, err := strconv.Atoi(os.Getenv("SUDO_UID")); err == nil && who.UID == 0 {
		who.Sudo = &n
	}
	return who
}
