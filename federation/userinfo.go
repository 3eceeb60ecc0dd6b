package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/outbound"
)

// userinfo reads what the ID token did not say (OIDC Core §5.3). Each claim counts for itself, as in the ID token: one that
// is odd is as if it were not there. Only the subject must be right (§5.3.2).
func (d *openID) userinfo(ctx context.Context, m *metadata, accessToken, subject string, now time.Time) (claims, error) {
	a, err := d.discovery.out.Do(ctx, outbound.Request{URL: m.userinfo, Header: map[string]string{"Authorization": "Bearer " + accessToken}})
	if err != nil {
		return claims{}, tellApart("userinfo", err)
	}
	if a.Status != http.StatusOK {
		return claims{}, fmt.Errorf("%w: userinfo: status %d", ErrInvalid, a.Status)
	}
	body := a.Body
	if kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type")); kind == "application/jwt" {
		if body, err = (&signatures{keys: m.keys, now: now}).VerifySignature(ctx, string(body)); err != nil {
			return claims{}, tellApart("userinfo", err)
		}
	}
	var found struct {
		Subject json.RawMessage `json:"sub"`
		claims
	}
	if json.Unmarshal(body, &found) != nil {
		return claims{}, fmt.Errorf("%w: userinfo is no JSON object", ErrInvalid)
	}
	var sub string
	if json.Unmarshal(found.Subject, &sub) != nil || sub != subject {
		return claims{}, fmt.Errorf("%w: userinfo of another subject", ErrInvalid)
	}
	return found.claims, nil
}
