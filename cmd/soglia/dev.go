package main

import (
	"context"
	"log/slog"

	"github.com/soglia-sso/soglia/demo"
)

// dev is "soglia dev": the whole product on this machine, without files, network or configuration.
type dev struct {
	Port    int    `default:"8480" help:"Port of the sign-in server; panel and social provider take the next two (${default})."`
	Bind    string `default:"127.0.0.1" help:"Loopback address to listen on (${default})."`
	Hosts   string `enum:"names,ip" default:"names" help:"names: sso.localhost, panel.localhost, social.localhost. ip: the address alone, where a browser does not resolve these."`
	Client  string `placeholder:"URL" help:"Redirect URI of a panel of your own, registered at once, e.g. http://localhost:3000/callback."`
	Verbose bool   `short:"v" help:"Log to standard error, as serve does."`
}

// Run serves the demo until told to stop.
func (d *dev) Run(ctx context.Context, s *streams) error {
	o := demo.Options{Bind: d.Bind, Port: d.Port, ByIP: d.Hosts == "ip", Client: d.Client, Out: s.out}
	if d.Verbose {
		o.Log = slog.New(slog.NewJSONHandler(s.err, nil))
	}
	return demo.Run(ctx, o)
}
