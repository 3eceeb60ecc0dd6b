package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/soglia-sso/soglia/config"
)

// check is "soglia check": exit 0 when all is well, 1 with mistakes, 2 when the file cannot be read.
type check struct {
	File string `arg:"" optional:"" default:"soglia.yaml" help:"Configuration to read (${default})."`
	JSON bool   `help:"Print the mistakes as JSON."`
}

// Run checks the file.
func (c *check) Run(s *streams) error {
	_, err := config.Load(c.File, config.Options{})
	var mistakes *config.Errors
	if !errors.As(err, &mistakes) {
		if err == nil && !c.JSON {
			fmt.Fprintf(s.out, "%s: no mistakes\n", c.File)
		}
		if err == nil && c.JSON {
			fmt.Fprintln(s.out, "[]")
		}
		return err
	}
	if c.JSON {
		out := json.NewEncoder(s.out)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		if err := out.Encode(mistakes.List); err != nil {
			return err
		}
		return wrong{count(mistakes)}
	}
	return wrong{fmt.Errorf("%w\n\n%w", mistakes, count(mistakes))}
}

func count(e *config.Errors) error {
	if len(e.List) == 1 {
		return errors.New("1 mistake")
	}
	return fmt.Errorf("%d mistakes", len(e.List))
}
