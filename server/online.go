package server

import (
	"context"
	"net/http"
	"sync"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// Online asks all that a configuration names whether they are there and would let us in: gateways, the operator's own program,
// social providers. Nothing is sent to anybody. transport is for tests; nil = the real way.
func Online(ctx context.Context, c *config.Config, transport http.RoundTripper) ([]notify.Found, error) {
	out := outbound.New(outbound.Options{Transport: transport, Loopback: c.Dev})
	drivers, err := notify.Open(c.Channels, notify.Reach{Out: out})
	if err != nil {
		return nil, err
	}
	if c.Webhook != nil {
		drivers[storage.ChannelEvent] = openEvents(c, out)
	}
	box, err := secret.NewBox(c.MasterKey)
	if err != nil {
		return nil, err
	}
	providers, err := newProviders(c, box, out)
	if err != nil {
		return nil, err
	}
	asked := make([]notify.Found, len(c.Providers))
	var wg sync.WaitGroup
	for i, p := range c.Providers {
		wg.Go(func() {
			asked[i] = notify.Found{Name: "provider " + p.Name, Said: "its discovery; whether it knows client and secret only a sign-in shows"}
			got := providers.Online(ctx, p.Name)
			if asked[i].Err = got.Err; got.None {
				asked[i].Said = "not asked: there is nothing but a sign-in that would show"
			}
		})
	}
	all := notify.Online(ctx, drivers)
	wg.Wait()
	return append(all, asked...), nil
}

// openEvents is the driver by which the operator's program is told.
func openEvents(c *config.Config, out *outbound.Client) notify.Driver {
	return notify.OpenEvents(c.Webhook, out.Within(outbound.Inside{Networks: c.Backchannel}))
}
