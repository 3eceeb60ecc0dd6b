package notify

import (
	"embed"
	"fmt"
	"slices"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/outbound"
)

// kinds are the kinds of gateway, by the name the configuration uses. The file of each puts it here.
var kinds = map[string]kind{}

// Reach is what a driver may need besides its settings.
type Reach struct {
	Out    *outbound.Client // the way to gateways that speak HTTP
	Memory *Memory          // where the driver outbox puts messages; nil = there is nobody to read them
	Hook   string           // where gateways send receipts: the gateway's name follows; "" = nowhere
}

// kind is a driver as the configuration knows it, and how it is opened.
type kind struct {
	config.Driver
	open func(config.Settings, Reach) (Driver, error)
}

// driver makes a kind of the function that opens it with its own settings.
func driver[S any, P interface {
	*S
	config.Settings
}](open func(P, Reach) (Driver, error), channels ...string) kind {
	return kind{
		config.Driver{Channels: channels, Settings: func() config.Settings { return P(new(S)) }},
		func(s config.Settings, r Reach) (Driver, error) { return open(s.(P), r) },
	}
}

func standard(k kind) kind { k.Standard = true; return k }
func dev(k kind) kind      { k.Dev = true; return k }

//go:embed driver_*.go
var source embed.FS

// Drivers are what the configuration must know of all kinds of gateway.
func Drivers() config.Drivers {
	d := config.Drivers{Kinds: map[string]config.Driver{}, Source: source}
	for name, k := range kinds {
		d.Kinds[name] = k.Driver
	}
	return d
}

// Open makes the driver of every channel, which chooses among its gateways.
func Open(channels config.Channels, r Reach) (map[string]Driver, error) {
	out := map[string]Driver{}
	for channel, gateways := range channels {
		var all router
		for _, g := range gateways {
			one, err := open(channel, g, r)
			if err != nil {
				return nil, fmt.Errorf("notify: channel %s: %w", channel, err)
			}
			all = append(all, one)
		}
		out[channel] = all
	}
	return out, nil
}

func open(channel string, g config.Gateway, r Reach) (*route, error) {
	k, ok := kinds[g.Driver]
	if !ok || !slices.Contains(k.Channels, channel) {
		return nil, fmt.Errorf("no driver %q", g.Driver)
	}
	if r.Hook != "" {
		r.Hook += g.Name
	}
	d, err := k.open(g.Settings, r)
	if err != nil {
		return nil, err
	}
	return &route{name: g.Name, driver: d, prefixes: g.For}, nil
}
