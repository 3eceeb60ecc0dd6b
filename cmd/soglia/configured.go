package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage/sql"
)

// configured is part of every command that reads the configuration: all of them take its name the same way.
type configured struct {
	File string `default:"soglia.yaml" help:"Configuration (${default})."`
}

// reading is how every command reads the configuration: with the gateways and databases this program has.
func reading() config.Options {
	return config.Options{Drivers: notify.Drivers(), Storage: sql.CheckURL}
}

// load reads the configuration; one with mistakes ends with exit code 1.
func (c configured) load() (*config.Config, error) {
	cfg, err := config.Load(c.File, reading())
	switch {
	case config.IsMistakes(err):
		err = exit1{err}
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("%w: --file names a configuration elsewhere, soglia init writes a first one", err)
	}
	return cfg, err
}

// open reads the configuration, opens its database and brings the tables up to date.
func (c configured) open(ctx context.Context) (*config.Config, operated, error) {
	cfg, db, err := c.openAsIs(ctx)
	if err != nil {
		return nil, db, err
	}
	if err := migrateTables(ctx, db); err != nil {
		return nil, db, errors.Join(err, db.Close())
	}
	return cfg, db, nil
}

// openAsIs leaves the tables as they are: for commands that only look.
func (c configured) openAsIs(ctx context.Context) (*config.Config, operated, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, operated{}, err
	}
	box, err := secret.NewBox(cfg.MasterKey)
	if err != nil {
		return nil, operated{}, err
	}
	options := []sql.Option{sql.WithoutMigration()}
	if cfg.Storage.Pool > 0 {
		options = append(options, sql.WithPool(cfg.Storage.Pool))
	}
	if cfg.Storage.Pooler == "transaction" {
		options = append(options, sql.WithTransactionPooler())
	}
	db, err := sql.Open(ctx, cfg.Storage.URL, options...)
	if err != nil {
		return nil, operated{}, err
	}
	return cfg, operated{db, notify.NewEvents(cfg.Webhook, box)}, nil
}

// migrateTables brings the tables up to date, and leaves a record where they were not.
func migrateTables(ctx context.Context, db operated) error {
	have, want, err := db.Version(ctx)
	if err != nil || have >= want {
		return err
	}
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	ev := audit.From(ctx).Event(audit.StorageMigrated, audit.OK, "")
	ev.At, ev.Detail = db.Now(), fmt.Appendf(nil, `{"from":%d,"to":%d}`, have, want)
	return db.Append(ctx, ev)
}
