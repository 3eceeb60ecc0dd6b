package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server"
)

// reload is "soglia reload": the running server reads its configuration again. SIGHUP does the same, without an answer.
type reload struct {
	configured
}

// Run checks the file here first, because a file with mistakes need not say where the server is, and then asks the
// server, whose verdict is the one that counts.
func (c *reload) Run(ctx context.Context, s *streams) error {
	cfg, err := c.load()
	if config.IsMistakes(err) {
		return exit1{fmt.Errorf("%w\n\nthe server keeps the configuration it has", err)}
	}
	if err != nil {
		return err
	}
	_, body, err := askAdmin(ctx, cfg.Admin, http.MethodPost, "/reload")
	if err != nil {
		return err
	}
	var v server.Verdict
	if err := json.Unmarshal(body, &v); err != nil {
		return errors.New("what answers at the admin listener is no soglia")
	}
	if !v.OK {
		return exit1{fmt.Errorf("%s\n\nthe server keeps the configuration it has", v.Text)}
	}
	_, err = fmt.Fprintln(s.out, v.Text)
	return err
}
