package mfa

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// DeviceKey is the counter that makes a browser known to a person: second steps that were completed in it.
func DeviceKey(box *secret.Box, person, browser string) string {
	return "device/" + hex.EncodeToString(box.MAC("device", person, browser))
}

// SeenKey is the counter of sessions of a person that began in a browser; without one, in any.
func SeenKey(box *secret.Box, person string, browser ...string) string {
	return "seen/" + hex.EncodeToString(box.MAC(append([]string{"seen", person}, browser...)...))
}

// known reports whether the person has signed in with the browser before: with a second step, or longer than a day ago.
// Whoever knows the password begins a session in any browser, but what is kept for known ones begins anew every day.
func (s sentCode) known(ctx context.Context, r storage.Limits, q Question) (bool, error) {
	if q.Browser == "" {
		return false, nil
	}
	c, err := r.Counter(ctx, DeviceKey(s.box, q.Person.ID, q.Browser), q.Now)
	if err != nil || c.Count > 0 {
		return err == nil, err
	}
	c, err = r.Counter(ctx, SeenKey(s.box, q.Person.ID, q.Browser), q.Now)
	return c.Count > 0 && q.Now.Sub(c.Since) > day, err
}

const day = 24 * time.Hour
