package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/phonenumber"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage"
)

// message is "soglia message …".
type message struct {
	Test testMessage `cmd:"" help:"Send a test message now, and say what the gateway answered."`
}

// testMessage is "soglia message test".
type testMessage struct {
	Channel string `arg:"" help:"Channel of the configuration: email, sms, whatsapp."`
	To      string `arg:"" help:"Where to: a mail address, or a mobile number with its country's prefix."`
	configured

	transport http.RoundTripper // of tests; nil = the real way
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
	d := notify.Delivery{
		ID: secret.NewID(), Channel: c.Channel, Kind: "test", To: c.To, Created: time.Now(), Lasts: 10 * time.Minute, Lang: cfg.Locales.Default,
		Subject: "Test message of " + cfg.Branding.Name,
		Text:    "This is a test message of " + cfg.Issuer + ". Somebody ran \"soglia message test\" there. There is nothing to do.\n",
	}
	if c.Channel != "email" {
		number, err := phonenumber.Parse(c.To, "")
		if err != nil {
			return exit1{errors.New("write a mobile number with its country's prefix, such as +393331234567")}
		}
		d.To, d.Code = number.String(), "000000" // WhatsApp takes nothing without a code
		d.Text = "Test message of " + cfg.Issuer + ". There is nothing to do."
	}
	_, _, err = askAdmin(ctx, cfg.Admin, http.MethodGet, "/healthz")
	running := err == nil
	reach := notify.Reach{Out: outbound.New(outbound.Options{Transport: c.transport})}
	if running { // or the gateway would report to nobody
		reach.Hook = cfg.Issuer + server.HooksPath
	}
	drivers, err := notify.Open(config.Channels{c.Channel: gateways}, reach)
	if err != nil {
		return err
	}
	taken, took, err := notify.Test(ctx, drivers[c.Channel], d)
	took = took.Round(time.Millisecond)
	by := c.name(gateways, cmp.Or(taken.Gateway, gateways[0].Name))
	if err != nil {
		if len(gateways) > 1 {
			by = "one of " + fmt.Sprint(len(gateways)) + " gateways" // the error names which
		}
		return exit1{fmt.Errorf("%s by %s: not taken after %s: %w", c.Channel, by, took, err)}
	}
	fmt.Fprintf(s.out, "%s by %s: taken in %s\n", c.Channel, by, took)
	if taken.InsteadOf != "" {
		fmt.Fprintf(s.out, "instead of %s: %v\n", taken.InsteadOf, taken.Because)
	}
	fmt.Fprintf(s.out, "answer: %s\n", cmp.Or(taken.Answer, "id "+taken.ID))
	switch hooks := notify.Hooks(drivers); {
	case c.Channel == "email":
		return nil
	case !slices.ContainsFunc(hooks, func(h notify.Hook) bool { return h.Gateway == taken.Gateway }):
		fmt.Fprintln(s.out, "receipt: none will come, the configuration does not say how one is known to be genuine (docs/gateways.md)")
	case !running:
		fmt.Fprintln(s.out, "receipt: no server runs here to which it could come; start it and try again, or look in the gateway's own panel")
	default:
		return c.receipt(ctx, s, d, taken)
	}
	return nil
}

// name is a gateway's, and its driver where that is another word.
func (c *testMessage) name(gateways []config.Gateway, name string) string {
	for _, g := range gateways {
		if g.Name == name && g.Driver != name {
			return name + " (" + g.Driver + ")"
		}
	}
	return name
}

// receiptTime is how long a receipt is waited for: most come within seconds, a phone that is off takes days.
const receiptTime = 20 * time.Second

// receipt waits for what the running server is told of the message. For that the message stands in the outbox as one that was sent.
func (c *testMessage) receipt(ctx context.Context, s *streams, d notify.Delivery, taken notify.Taken) error {
	_, db, err := c.openAsIs(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	now := db.Now()
	ends := now.Add(time.Hour)
	err = db.Tx(ctx, func(r storage.Records) error {
		// due when it is over: no worker takes it
		if err := r.Enqueue(ctx, &storage.Message{ID: d.ID, Channel: d.Channel, Kind: d.Kind, Created: now, NotAfter: ends, Due: ends}); err != nil {
			return err
		}
		return r.FinishMessage(ctx, d.ID, "", storage.MessageEnd{State: "sent", Gateway: taken.Gateway, GatewayID: taken.ID, At: now})
	})
	if err != nil {
		return err
	}
	end, cancel := context.WithTimeout(ctx, receiptTime)
	defer cancel()
	for last := ""; ; {
		m, err := db.MessageState(ctx, d.ID)
		if err != nil {
			return err
		}
		if m.Receipt != last {
			last = m.Receipt
			fmt.Fprintf(s.out, "receipt: %s after %s\n", last, m.ReceiptAt.Sub(now).Round(100*time.Millisecond))
			if last != notify.ReceiptSent {
				return nil
			}
		}
		select {
		case <-end.Done():
			fmt.Fprintf(s.out, "receipt: no more within %s; what comes later is in the gateway's own panel\n", receiptTime)
			return nil
		case <-time.After(500 * time.Millisecond):
		}
	}
}
