package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/web"
)

// HooksPath is where gateways report; the gateway's name follows.
const HooksPath = "/hooks/messages/"

// newWorker makes the worker that hands messages to the gateways of the configuration, and the routes by which those report.
func newWorker(o Options, box *secret.Box, keys *tokens.Keys, out *outbound.Client) (*notify.Worker, []web.Route, error) {
	drivers, err := notify.Open(o.Config.Channels, notify.Reach{Out: out, Memory: o.Memory, Hook: o.Config.Issuer + HooksPath})
	if err != nil {
		return nil, nil, fmt.Errorf("server: %w", err)
	}
	drivers[storage.ChannelLogout] = &logouts{
		cfg: func() *config.Config { return o.Config }, keys: keys, now: o.Store.Now,
		out: out.Within(outbound.Inside{Networks: o.Config.Backchannel}),
	}
	if o.Config.Webhook != nil {
		drivers[storage.ChannelEvent] = openEvents(o.Config, out)
	}
	var routes []web.Route
	for _, h := range notify.Hooks(drivers) {
		at := web.Route{
			Methods: []string{http.MethodPost}, Pattern: HooksPath + h.Gateway + h.Path, Audience: web.API, Body: h.Longest,
			Handler: receive(o, h),
		}
		if h.Path != "" { // without a signature, as a form or as a query
			at.Methods, at.Acts = []string{http.MethodGet, http.MethodPost}, true
		}
		routes = append(routes, at)
		if h.Challenge != nil {
			routes = append(routes, web.Route{
				Methods: []string{http.MethodGet}, Pattern: at.Pattern, Audience: web.API, Handler: challenge(h),
			})
		}
	}
	return notify.NewWorker(o.Store, box, drivers, o.Log), routes, nil
}

// Who calls is known when the whole body was read. So of calls that are longer than a receipt few are read at once, whoever they
// come from: strangers cannot fill the memory, and short receipts wait for nobody. A gateway that really has so much to say sends
// it again.
const (
	shortCall  = 64 << 10
	longAtOnce = 8
	longLater  = 30 // seconds
)

// receive notes what a gateway says of its messages. Whoever is not the gateway learns nothing and changes nothing, and what
// the gateway says of messages that are not ours does nothing.
func receive(o Options, h notify.Hook) web.Handler {
	long := make(chan struct{}, longAtOnce)
	return func(w http.ResponseWriter, r *http.Request) error {
		body, err := io.ReadAll(io.LimitReader(r.Body, shortCall)) // bounded by the route
		if err == nil && len(body) == shortCall {
			select {
			case long <- struct{}{}:
				defer func() { <-long }()
			default:
				return &web.Error{Status: http.StatusServiceUnavailable, Code: "unavailable", Cause: errors.New("too many long calls of a gateway at once"), RetryAfter: longLater}
			}
			var rest []byte
			rest, err = io.ReadAll(r.Body)
			body = append(body, rest...)
		}
		if err != nil {
			return &web.Error{Status: http.StatusRequestEntityTooLarge, Code: "too_large", Cause: err}
		}
		now := o.Store.Now()
		all, err := h.Receipts(notify.Call{URL: o.Config.Issuer + r.URL.RequestURI(), Header: r.Header, Body: body, At: now})
		switch {
		case errors.Is(err, notify.ErrForged):
			return &web.Error{Status: http.StatusForbidden, Code: "forbidden", Cause: err}
		case err != nil:
			return &web.Error{Status: http.StatusBadRequest, Code: "invalid_request", Cause: errors.New("no receipt")}
		}
		for _, one := range all {
			err := o.Store.NoteReceipt(r.Context(), &storage.Receipt{Gateway: h.Gateway, GatewayID: one.ID, State: one.State, At: now})
			if err != nil {
				return err
			}
		}
		w.WriteHeader(http.StatusOK)
		return nil
	}
}

// challenge answers the call by which a gateway proves the address once.
func challenge(h notify.Hook) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		answer, right := h.Challenge(r.URL.Query())
		if !right {
			return &web.Error{Status: http.StatusForbidden, Code: "forbidden"}
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, err := io.WriteString(w, answer)
		return err
	}
}
