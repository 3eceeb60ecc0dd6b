package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/tokens"
)

// logouts tell panels that a stay is over (OIDC Back-Channel Logout 1.0 §2.5): the driver of the outbox's channel for it. What
// is told stands in the outbox, written with the end itself (package session). Each try has a token of its own, because a
// token lives for two minutes and a panel may be down for hours.
type logouts struct {
	cfg  func() *config.Config
	keys *tokens.Keys
	out  *outbound.Client
	now  func() time.Time
}

// Send tells one panel. A panel that is down says nothing of others, so that is no trouble of the channel.
func (l *logouts) Send(ctx context.Context, d notify.Delivery) (notify.Taken, error) {
	c := l.cfg()
	client := c.Clients[d.Stay.ClientID]
	if client == nil || client.BackchannelLogoutURI == "" {
		return notify.Taken{}, notify.ErrNobody
	}
	token, err := l.keys.SignLogout(tokens.Logout{
		Issuer: c.Issuer, Client: client.ID, Subject: d.Stay.PersonID, Sid: d.Stay.Sid, ID: d.ID,
	}, jose.SignatureAlgorithm(client.IDTokenAlg), l.now())
	if err != nil {
		return notify.Taken{}, err
	}
	answer, err := l.out.Do(ctx, outbound.Request{
		Method: http.MethodPost, URL: client.BackchannelLogoutURI,
		Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		Body:   []byte(url.Values{"logout_token": {token}}.Encode()),
	})
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err // the log names the client, and an address may hold what is its own
	}
	if err == nil && answer.Status != http.StatusOK && answer.Status != http.StatusNoContent { // §2.8
		err = fmt.Errorf("status %d", answer.Status)
	}
	if err != nil {
		return notify.Taken{}, fmt.Errorf("%w: client %s: %w", notify.ErrRecipient, client.ID, err)
	}
	return notify.Taken{Gateway: client.ID}, nil
}
