package server

import (
	"fmt"

	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/secret"
)

// outbox makes the worker with one driver per configured channel. The driver "outbox" keeps messages in memory: there is
// nobody to read it outside dev and tests, so without a Memory it is refused.
func outbox(o Options, box *secret.Box) (*notify.Worker, error) {
	drivers := map[string]notify.Driver{}
	if e := o.Config.Channels.Email; e != nil {
		switch {
		case e.Driver != "outbox":
			d, err := notify.Open(e.Driver, notify.Settings{URL: e.URL, From: e.From})
			if err != nil {
				return nil, fmt.Errorf("server: channel email: %w", err)
			}
			drivers["email"] = d
		case o.Memory == nil:
			return nil, fmt.Errorf("server: channel email: driver outbox keeps messages in memory and works in dev only")
		default:
			drivers["email"] = o.Memory
		}
	}
	return notify.NewWorker(o.Store, box, drivers, o.Log), nil
}
