package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// healthcheck is "soglia healthcheck": exit 0 when the server is ready, 1 when it says it is not, 2 when it does not say.
type healthcheck struct {
	configured
	Admin string `placeholder:"ADDRESS" help:"Ask this admin listener (unix:/path or host:port) and read no configuration."`
	Live  bool   `help:"Ask only whether the process answers, not whether it should be sent requests."`
}

// Run asks and prints the answer.
func (c *healthcheck) Run(ctx context.Context, s *streams) error {
	at := c.Admin
	if at == "" {
		cfg, err := c.load()
		if err != nil {
			return err
		}
		at = cfg.Admin
	}
	path := "/readyz"
	if c.Live {
		path = "/healthz"
	}
	status, body, err := askAdmin(ctx, at, http.MethodGet, path)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(body))
	if status != http.StatusOK {
		return exit1{errors.New(text)}
	}
	_, err = s.out.Write([]byte(text + "\n"))
	return err
}
