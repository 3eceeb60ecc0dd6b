package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage/sql"
)

// check is "soglia check": exit 0 when all is well, be it with warnings, 1 with mistakes, 2 when the file cannot be read.
type check struct {
	configured
	JSON bool `help:"Print mistakes and warnings as JSON."`
}

// Run checks the file, and the files of the database it names.
func (c *check) Run(s *streams) error {
	cfg, err := c.load()
	var mistakes *config.Errors
	if err != nil && !errors.As(err, &mistakes) {
		return err
	}
	if err != nil {
		if c.JSON {
			return errors.Join(c.list(s, mistakes.List), exit1{howMany(mistakes)})
		}
		return exit1{fmt.Errorf("%w\n\n%w", mistakes, howMany(mistakes))}
	}
	warnings := append(slices.Clone(cfg.Warnings), exposed(cfg)...)
	if c.JSON {
		return c.list(s, warnings)
	}
	for _, w := range warnings {
		fmt.Fprintln(s.err, w)
	}
	_, err = fmt.Fprintf(s.out, "%s: no mistakes\n", c.File)
	return err
}

func (c *check) list(s *streams, list []config.Mistake) error {
	if len(list) == 0 {
		list = []config.Mistake{}
	}
	out := json.NewEncoder(s.out)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(list)
}

// exposed are warnings of database files that others may read.
func exposed(cfg *config.Config) (warnings []config.Mistake) {
	for _, f := range sql.Exposed(cfg.Storage.URL) {
		warnings = append(warnings, config.Mistake{
			Warning: true, File: f.Name,
			Message: fmt.Sprintf("others than its owner have rights to it (%v), and it holds password hashes", f.Mode.Perm()), Hint: "chmod 600 " + f.Name,
		})
	}
	return warnings
}

// howMany is the last line, an error: there are mistakes.
func howMany(e *config.Errors) error {
	if len(e.List) == 1 {
		return errors.New("1 mistake")
	}
	return fmt.Errorf("%d mistakes", len(e.List))
}
