package server

import (
	"fmt"

	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
)

// newWorker makes the worker that hands messages to the gateways of the configuration.
func newWorker(o Options, box *secret.Box, out *outbound.Client) (*notify.Worker, error) {
	drivers, err := notify.Open(o.Config.Channels, notify.Reach{Out: out, Memory: o.Memory})
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	return notify.NewWorker(o.Store, box, drivers, o.Log), nil
}
