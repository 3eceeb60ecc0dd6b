package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
		if err := goodGroups(f.cfg, s, "--add", c.Add); err != nil {
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
	all := f.cfg.GroupsOf(f.Canonical, groups)
	if len(all) == 0 {
		_, err := fmt.Fprintf(s.out, "%s is in no group.\n", f.Username)
		return err
	}
	var rows [][]string
	for _, name := range all {
		row := []string{name}
		if !slices.Contains(groups, name) {
			row = append(row, "by the YAML: groups."+name+".members")
		}
		rows = append(rows, row)
	}
	return printList(s.out, false, nil, rows)
}

// goodGroups refuses what cannot be the name of a group, and says where one is a name and no more.
func goodGroups(cfg *config.Config, s *streams, flag string, names []string) error {
	for _, name := range names {
		if !config.GroupName(name) {
			return exit1{fmt.Errorf("%s: %q is no group: its name has %s", flag, name, config.GroupRule)}
		}
		if meant := cfg.MeantGroup(name); meant != "" {
			return exit1{fmt.Errorf("%s: the configuration writes this group %s", flag, meant)}
		}
		if _, described := cfg.Groups[name]; !described {
			fmt.Fprintf(s.err, "%s is not under groups: in the configuration: panels may read it, and it gives nothing else.\n", name)
		}
	}
	return nil
}
