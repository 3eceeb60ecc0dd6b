package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// userinfo reads what the ID token did not say (OIDC Core §5.3). Each claim counts for itself, as in the ID token: one that
// is odd is as if it were not there. Only the subject must be right (§5.3.2).
func (d *openID) userinfo(ctx context.Context, m *metadata, accessToken, subject string, now time.Time) (claims, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, m.userinfo, nil)
	if err != nil {
		return claims{}, trouble("userinfo", err)
	}
	r.Header.Set("Authorization", "Bearer "+accessToken)
	resp, err := d.discovery.client.Do(r)
	if err != nil {
		return claims{}, trouble("userinfo", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body) // bounded by the client
	if err != nil {
		return claims{}, trouble("userinfo", err)
	}
	if resp.StatusCode != http.StatusOK {
		return claims{}, fmt.Errorf("%w: userinfo: status %d", ErrInvalid, resp.StatusCode)
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "application/jwt" {
		if body, err = (&signatures{keys: m.keys, now: now}).VerifySignature(ctx, string(body)); err != nil {
			return claims{}, trouble("userinfo", err)
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
