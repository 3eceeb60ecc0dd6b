package notify

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/soglia-sso/soglia/outbound"
)

// Found is what a gateway says of our credentials.
type Found struct {
	Name string // channel and gateway, or whoever else was asked
	Said string // what is worth knowing when all is well, such as the credit
	Err  error  // wraps ErrNotLetIn where the gateway answered and said no
}

// ErrNotLetIn says that the other side answered, and would not have let us in.
var ErrNotLetIn = errors.New("not let in")

// asker is a driver that can ask whether its gateway knows us, by a call that sends nothing and costs nothing.
type asker interface {
	known(ctx context.Context) (said string, err error)
}

// Online asks every gateway whether it would let us in, all at once and each within the time of one try. Nothing is sent.
func Online(ctx context.Context, drivers map[string]Driver) []Found {
	var all []Found
	var asks []func(context.Context) (string, error)
	for _, channel := range slices.Sorted(maps.Keys(drivers)) {
		gateways, ok := drivers[channel].(router)
		if !ok {
			gateways = router{{name: "webhook", driver: drivers[channel]}}
		}
		for _, g := range gateways {
			if d, ok := g.driver.(asker); ok {
				all, asks = append(all, Found{Name: channel + " by " + g.name}), append(asks, d.known)
			}
		}
	}
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, sendTime)
			defer cancel()
			all[i].Said, all[i].Err = asks[i](ctx)
		})
	}
	wg.Wait()
	return all
}

// look makes a question of a gateway, and reads its answer of success into v.
func look(ctx context.Context, out *outbound.Client, at string, header map[string]string, v any) error {
	a, err := out.Do(ctx, outbound.Request{Method: http.MethodGet, URL: at, Header: header})
	if err != nil {
		return unnamed(err)
	}
	switch {
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden, a.Status == http.StatusNotFound:
		return fmt.Errorf("%w: it refuses the credentials: status %d", ErrNotLetIn, a.Status)
	case a.Status >= 300:
		return fmt.Errorf("%w: status %d", ErrNotLetIn, a.Status)
	}
	if err := json.Unmarshal(a.Body, v); err != nil {
		return fmt.Errorf("%w: status %d, and no JSON", ErrNotLetIn, a.Status)
	}
	return nil
}

// unnamed is an error of outbound without the address, which may name the account.
func unnamed(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// surely says of an error by which a question ended, told in other words, whether it is a no or nobody was there to ask.
func surely(err, told error) error {
	var said *textproto.Error
	var stranger *tls.CertificateVerificationError
	if errors.As(err, &said) || errors.As(err, &stranger) {
		return fmt.Errorf("%w: %w", ErrNotLetIn, told)
	}
	return told
}

// known asks for the credit (developers.skebby.it, "User status").
func (m *mobyt) known(ctx context.Context) (string, error) {
	var said struct {
		SMS []struct {
			Type     string  `json:"type"`
			Quantity float64 `json:"quantity"`
		} `json:"sms"`
	}
	err := look(ctx, m.out, strings.TrimSuffix(m.BaseURL, "/")+"/API/v1.0/REST/status",
		map[string]string{"user_key": string(m.UserKey), "Access_token": string(m.AccessToken)}, &said)
	if err != nil {
		return "", err
	}
	for _, one := range said.SMS {
		if one.Type == m.MessageType && one.Quantity > 0 {
			return fmt.Sprintf("%.0f messages of %s left", one.Quantity, one.Type), nil
		}
	}
	return "it tells no credit for " + m.MessageType, nil
}

// known fetches the account (twilio.com/docs/iam/api/account). Its answer holds the token, and goes nowhere.
func (t *twilio) known(ctx context.Context) (string, error) {
	var said struct {
		Status string `json:"status"`
		Type   string `json:"type"`
	}
	err := look(ctx, t.out, "https://api.twilio.com/2010-04-01/Accounts/"+string(t.Account)+".json",
		map[string]string{"Authorization": basic(string(t.Account), string(t.Token))}, &said)
	switch {
	case err != nil:
		return "", err
	case said.Status != "active":
		return "", fmt.Errorf("%w: the account is %s", ErrNotLetIn, words(said.Status))
	case said.Type == "Trial":
		return "a trial account, which writes to confirmed numbers only", nil
	}
	return "", nil
}

// known asks for the credit (developer.vonage.com/en/api/account, "Get Account Balance").
func (v *vonage) known(ctx context.Context) (string, error) {
	var said struct {
		Value *float64 `json:"value"`
	}
	err := look(ctx, v.out, "https://rest.nexmo.com/account/get-balance",
		map[string]string{"Authorization": basic(string(v.Account), string(v.Token)), "Accept": "application/json"}, &said)
	switch {
	case err != nil:
		return "", err
	case said.Value == nil:
		return "", fmt.Errorf("%w: it tells no credit", ErrNotLetIn)
	}
	return fmt.Sprintf("%.2f EUR left", *said.Value), nil
}

// known reads the node of the number (…/whatsapp/reference/whatsapp-business-phone-number/whatsapp-business-account-phone-number-api).
func (m *metaCloud) known(ctx context.Context) (string, error) {
	a, err := m.out.Do(ctx, outbound.Request{
		Method: http.MethodGet, URL: "https://graph.facebook.com/" + m.Graph + "/" + m.PhoneNumberID,
		Header: map[string]string{"Authorization": "Bearer " + string(m.Token)},
	})
	if err != nil {
		return "", unnamed(err)
	}
	var said struct {
		ID    string `json:"id"`
		Error *struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	err = json.Unmarshal(a.Body, &said)
	switch {
	case err == nil && said.Error != nil && said.Error.Code == 190:
		return "", fmt.Errorf("%w: the token is not good, or no longer: status %d, code 190", ErrNotLetIn, a.Status)
	case err == nil && said.Error != nil:
		return "", fmt.Errorf("%w: phone_number_id, or the token's permissions for it: status %d, code %d", ErrNotLetIn, a.Status, said.Error.Code)
	case err != nil, a.Status >= 300, said.ID != m.PhoneNumberID:
		return "", fmt.Errorf("%w: status %d, and not this number", ErrNotLetIn, a.Status)
	}
	return "", nil
}

// known looks at name, port and certificate: the standard has no question that is no message.
func (w *webhook) known(ctx context.Context) (string, error) {
	if err := w.out.Greet(ctx, w.at); err != nil {
		err = unnamed(err)
		return "", surely(err, err)
	}
	return "it is there; whether it knows the key only a message shows", nil
}
