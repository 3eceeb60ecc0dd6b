package tokens

import (
	"time"

	"github.com/go-jose/go-jose/v4"
)

// logoutLasts is how long a logout token is good: it is made anew for each try (OIDC Back-Channel Logout 1.0 §2.4 advises two
// minutes at most).
const logoutLasts = 2 * time.Minute

// Logout says to one client that one person's stay there is over.
type Logout struct {
	Issuer, Client, Subject string
	Sid                     string
	ID                      string // jti
}

// logoutEvents is the one event of a logout token.
const logoutEvents = `{"http://schemas.openid.net/event/backchannel-logout":{}}`

// SignLogout signs a logout token (OIDC Back-Channel Logout 1.0 §2.4). It has no nonce, so that nobody takes it for an ID token.
func (k *Keys) SignLogout(l Logout, alg jose.SignatureAlgorithm, now time.Time) (string, error) {
	key, err := k.set().signer(alg, now)
	if err != nil {
		return "", err
	}
	return key.logout.sign(Object(Roomy).Text("iss", l.Issuer).Text("aud", l.Client).Text("sub", l.Subject).Text("sid", l.Sid).
		Text("jti", l.ID).Number("iat", now.Unix()).Number("exp", now.Add(logoutLasts).Unix()).
		Raw("events", []byte(logoutEvents)))
}
