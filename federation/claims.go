package federation

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// claims are read one by one: a provider's odd value for one of them must not cost the others, nor pass for more than it
// says.
type claims struct {
	Email             json.RawMessage `json:"email"`
	EmailVerified     json.RawMessage `json:"email_verified"`
	Name              json.RawMessage `json:"name"`
	GivenName         json.RawMessage `json:"given_name"`
	FamilyName        json.RawMessage `json:"family_name"`
	PreferredUsername json.RawMessage `json:"preferred_username"`
	Locale            json.RawMessage `json:"locale"`
	AuthTime          json.RawMessage `json:"auth_time"`
	Acr               json.RawMessage `json:"acr"`
	Amr               json.RawMessage `json:"amr"`
	HostedDomain      json.RawMessage `json:"hd"` // Google's, of the ID token alone
}

// fill takes from userinfo what the ID token did not say. The address and its verification go together; evidence
// (auth_time, acr, amr) comes from the ID token alone.
func (c *claims) fill(more claims) {
	if text(c.Email) == "" {
		c.Email, c.EmailVerified = more.Email, more.EmailVerified
	}
	for _, pair := range []struct{ to, from *json.RawMessage }{
		{&c.Name, &more.Name}, {&c.GivenName, &more.GivenName}, {&c.FamilyName, &more.FamilyName},
		{&c.PreferredUsername, &more.PreferredUsername}, {&c.Locale, &more.Locale},
	} {
		if text(*pair.to) == "" {
			*pair.to = *pair.from
		}
	}
}

func (c *claims) identity(provider, subject string, now time.Time) (*Identity, error) {
	if !validSubject(subject) {
		return nil, fmt.Errorf("%w: sub", ErrInvalid)
	}
	i := &Identity{
		Provider: provider,
		Subject:  subject,
		Name: Name{
			Name:              text(c.Name),
			GivenName:         text(c.GivenName),
			FamilyName:        text(c.FamilyName),
			PreferredUsername: text(c.PreferredUsername),
			Locale:            text(c.Locale),
		},
		Acr: text(c.Acr),
	}
	if address := text(c.Email); address != "" {
		// Only true is true. Some providers write "true" or 1; believing them is a habit that believes "false" too.
		i.Emails = []Email{{Address: address, Verified: string(c.EmailVerified) == "true"}}
	}
	var seconds float64
	if json.Unmarshal(c.AuthTime, &seconds) == nil && seconds > 0 && seconds < 1<<40 {
		i.AuthTime = time.Unix(int64(seconds), 0).UTC()
		if i.AuthTime.After(now.Add(skew)) {
			return nil, fmt.Errorf("%w: auth_time", ErrInvalid)
		}
	}
	var amr []json.RawMessage
	if json.Unmarshal(c.Amr, &amr) == nil && len(amr) <= 16 {
		for _, m := range amr {
			if s := text(m); s != "" {
				i.Amr = append(i.Amr, s)
			}
		}
	}
	return i, nil
}

// validSubject: OIDC Core §2, not more than 255 ASCII characters. Spaces and controls are refused with them: the value
// goes into keys and logs.
func validSubject(s string) bool {
	for _, b := range []byte(s) {
		if b <= ' ' || b > '~' {
			return false
		}
	}
	return s != "" && len(s) <= 255
}

// text is a claim's string, or "" when it is none.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return clean(s, 255)
}

// clean bounds a foreign text and takes control and format characters out of it.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, s)
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	return strings.TrimSpace(s)
}
