package main

import (
	"context"
	"fmt"
)

// migrate is "soglia migrate …". serve migrates on its own; these are for those who want to do it before.
type migrate struct {
	Status migrateStatus `cmd:"" help:"Say which migration the database has and which this program wants: exit 1 when they differ."`
	Up     migrateUp     `cmd:"" help:"Bring the tables up to date; instances that run meanwhile are not disturbed."`
}

type migrateStatus struct {
	configured
	JSON bool `help:"Print JSON."`
}

// Run compares.
func (c *migrateStatus) Run(ctx context.Context, s *streams) error {
	_, db, err := c.openAsIs(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	have, want, err := db.Version(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(s.out, map[string]int64{"have": have, "want": want})
	} else {
		_, err = fmt.Fprintf(s.out, "migration %d of %d\n", have, want)
	}
	switch {
	case err != nil:
		return err
	case have < want:
		return exit1{fmt.Errorf("%d to do: soglia migrate up", want-have)}
	case have > want:
		return exit1{fmt.Errorf("the database is newer than this program")}
	}
	return nil
}

type migrateUp struct {
	configured
}

// Run migrates.
func (c *migrateUp) Run(ctx context.Context, s *streams) error {
	_, db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	have, _, err := db.Version(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "the database has migration %d\n", have)
	return err
}
