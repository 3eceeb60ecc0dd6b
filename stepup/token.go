package stepup

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// Token is what a verified access token says.
type Token struct {
	Subject  string // sub
	ClientID string // the panel that it was made for; may be empty at introspection of other providers
	Username string // at introspection, with the scope profile
	Session  string // sid, as in logout tokens; may be empty
	Acr      string // the level; "" = none was proved, or it holds no more
	Amr      []string
	Scopes   []string
	AuthTime time.Time // when that level was proved; zero = not said
	Expires  time.Time
}

// claims are the members of a JWT access token (RFC 9068 §2.2) and of an introspection answer (RFC 7662 §2.2). An absent
// member and null are one.
type claims struct {
	Issuer    string    `json:"iss"`
	Subject   string    `json:"sub"`
	Audience  audience  `json:"aud"`
	ClientID  string    `json:"client_id"`
	ID        string    `json:"jti"`
	Issued    *unixTime `json:"iat"`
	NotBefore *unixTime `json:"nbf"`
	Expires   *unixTime `json:"exp"`
	AuthTime  *unixTime `json:"auth_time"`
	Acr       string    `json:"acr"`
	Amr       []string  `json:"amr"`
	Scope     string    `json:"scope"`
	Session   string    `json:"sid"`

	Active    bool   `json:"active"`     // introspection only
	TokenType string `json:"token_type"` // introspection only
	Username  string `json:"username"`   // introspection only
}

// timely checks what has to do with our clock.
func (c *claims) timely(now time.Time) error {
	if c.Expires == nil || !now.Before(c.Expires.Time) {
		return invalid("The access token has expired.")
	}
	for _, at := range []*unixTime{c.Issued, c.NotBefore, c.AuthTime} {
		if at != nil && at.Sub(now) > leeway {
			return invalid("The access token is from the future.")
		}
	}
	return nil
}

func (c *claims) token() *Token {
	t := &Token{
		Subject: c.Subject, ClientID: c.ClientID, Username: c.Username, Session: c.Session, Acr: c.Acr, Amr: c.Amr,
		Scopes: strings.Fields(c.Scope), Expires: c.Expires.Time,
	}
	if c.AuthTime != nil {
		t.AuthTime = c.AuthTime.Time
	}
	return t
}

// audience is a text or a list of texts (RFC 7519 §4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(a))
}

func (a audience) has(name string) bool { return slices.Contains(a, name) }

// unixTime is a NumericDate (RFC 7519 §2), a positive number of seconds before the year 10000.
type unixTime struct{ time.Time }

func (t *unixTime) UnmarshalJSON(raw []byte) error {
	var seconds float64
	if err := json.Unmarshal(raw, &seconds); err != nil {
		return err
	}
	if !(seconds > 0 && seconds < 253402300800) {
		return errors.New("stepup: no point in time")
	}
	t.Time = time.Unix(int64(seconds), 0)
	return nil
}
