package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
)

// message is "soglia message …".
type message struct {
	Test testMessage `cmd:"" help:"Send a test message now, and say what the gateway answered."`
}

// testMessage is "soglia message test".
type testMessage struct {
	Channel string `arg:"" help:"Channel of the configuration: email."`
	To      string `arg:"" help:"Where to: a mail address."`
	configured
}

// Run sends it past the outbox: what is tried here is the gateway, and the answer is for whoever waits for it.
func (c *testMessage) Run(ctx context.Context, s *streams) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	gateways := cfg.Channels[c.Channel]
	if len(gateways) == 0 {
		return exit1{fmt.Errorf("there is no channel %q in %s; channels: %s", c.Channel, c.File,
			strings.Join(slices.Sorted(maps.Keys(cfg.Channels)), ", "))}
	}
	drivers, err := notify.Open(config.Channels{c.Channel: gateways}, notify.Reach{Out: outbound.New(outbound.Options{})})
	if err != nil {
		return err
	}
	answer, took, err := notify.Test(ctx, drivers[c.Channel], notify.Delivery{
		ID: secret.NewID(), Channel: c.Channel, Kind: "test", To: c.To, Created: time.Now(),
		Subject: "Test message of " + cfg.Branding.Name,
		Text:    "This is a test message of " + cfg.Issuer + ". Somebody ran \"soglia message test\" there. There is nothing to do.\n",
	})
	driver := gateways[0].Driver
	took = took.Round(time.Millisecond)
	if err != nil {
		return exit1{fmt.Errorf("%s by %s: not taken after %s: %w", c.Channel, driver, took, err)}
	}
	_, err = fmt.Fprintf(s.out, "%s by %s: taken in %s\nanswer: %s\n", c.Channel, driver, took, answer)
	return err
}
