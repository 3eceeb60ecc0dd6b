package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/storage"
)

// groupsOf is "soglia user groups".
type groupsOf struct {
	whom
	Add    []string `placeholder:"GROUP" sep:"none" help:"Put the person into this group; may be said several times."`
	Remove []string `placeholder:"GROUP" sep:"none" help:"Take the person out of this group; may be said several times."`
}

// Run changes the groups of a person, if told to, and prints them.
func (c *groupsOf) Run(ctx context.Context, s *streams) error { return c.run(ctx, s, c.change) }

func (c *groupsOf) change(ctx context.Context, f *found, s *streams) error {
	groups := f.Groups
	if len(c.Add)+len(c.Remove) > 0 {
		if err := goodGroups("--add", c.Add); err != nil {
			return err
		}
		err := f.do(ctx, func(tx storage.Records, d *desk.Desk, now time.Time) (err error) {
			groups, err = d.ChangeGroups(ctx, tx, f.Person, c.Add, c.Remove, now)
			return err
		})
		if errors.Is(err, storage.ErrConflict) {
			return exit1{fmt.Errorf("%s is being changed by somebody else: try again", f.Username)}
		}
		if err != nil {
			return err
		}
	}
	if len(groups) == 0 {
		_, err := fmt.Fprintf(s.out, "%s is in no group.\n", f.Username)
		return err
	}
	_, err := fmt.Fprintln(s.out, strings.Join(groups, "\n"))
	return err
}

// goodGroups refuses what cannot be the name of a group.
func goodGroups(flag string, names []string) error {
	for _, name := range names {
		if !config.GroupName(name) {
			return exit1{fmt.Errorf("%s: %q is no group: %s", flag, name, config.GroupRule)}
		}
	}
	return nil
}
