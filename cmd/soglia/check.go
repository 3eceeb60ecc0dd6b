package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage/sql"
)

// check is "soglia check": exit 0 when all is well, be it with warnings, 1 with mistakes or where somebody would not let us in, 2
// when the file cannot be read or somebody could not be asked.
type check struct {
	configured
	JSON   bool `help:"Print mistakes and warnings as JSON."`
	Online bool `help:"Also ask every gateway and provider whether it would let us in. Nothing is sent."`
}

// Run checks the file, the files of the database it names, and whom it names if that is wanted.
func (c *check) Run(ctx context.Context, s *streams) error {
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
	var found []notify.Found
	if c.Online {
		if found, err = server.Online(ctx, cfg, nil); err != nil {
			return err
		}
	}
	if c.JSON {
		return errors.Join(c.list(s, append(warnings, c.failures(found)...)), verdict(found))
	}
	for _, w := range warnings {
		fmt.Fprintln(s.err, w)
	}
	fmt.Fprintf(s.out, "%s: no mistakes\n", c.File)
	for _, f := range found {
		fmt.Fprintln(s.out, line(f))
	}
	return verdict(found)
}

// line is what was found in one line.
func line(f notify.Found) string {
	switch {
	case f.Err != nil:
		return f.Name + ": " + f.Err.Error()
	case f.Said != "":
		return f.Name + ": ok (" + f.Said + ")"
	}
	return f.Name + ": ok"
}

// failures are what is wrong, as mistakes of the file.
func (c *check) failures(found []notify.Found) (list []config.Mistake) {
	for _, f := range found {
		if f.Err != nil {
			list = append(list, config.Mistake{File: c.File, Message: line(f)})
		}
	}
	return list
}

// verdict is exit code 1 when somebody would not let us in, 2 when somebody could not be asked.
func verdict(found []notify.Found) error {
	no, away := 0, 0
	for _, f := range found {
		switch {
		case errors.Is(f.Err, notify.ErrNotLetIn):
			no++
		case f.Err != nil:
			away++
		}
	}
	switch {
	case no > 0:
		return exit1{fmt.Errorf("%d of %d would not let us in", no, len(found))}
	case away > 0:
		return fmt.Errorf("%d of %d could not be asked", away, len(found))
	}
	return nil
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
