package user

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Profile is what an account has of the standard claims (OIDC Core §5.1) and of the operator's own, as kept in
// storage.Person.Profile. User name, language, customer number, addresses and updated_at are not here: they are the person's row
// and contacts. What may be in it is checked by [Profile.Set] and [Profile.SetOwn].
type Profile struct {
	Name       string                     `json:"name,omitempty"`
	GivenName  string                     `json:"given_name,omitempty"`
	FamilyName string                     `json:"family_name,omitempty"`
	MiddleName string                     `json:"middle_name,omitempty"`
	Nickname   string                     `json:"nickname,omitempty"`
	Profile    string                     `json:"profile,omitempty"` // URL
	Picture    string                     `json:"picture,omitempty"` // URL
	Website    string                     `json:"website,omitempty"` // URL
	Gender     string                     `json:"gender,omitempty"`
	Birthdate  string                     `json:"birthdate,omitempty"` // YYYY-MM-DD, YYYY or 0000-MM-DD
	Zoneinfo   string                     `json:"zoneinfo,omitempty"`  // IANA name
	Address    *Address                   `json:"address,omitempty"`
	Own        map[string]json.RawMessage `json:"claims,omitempty"` // that only scopes of the YAML know
}

// Address is the address claim (OIDC Core §5.1.1).
type Address struct {
	Formatted     string `json:"formatted,omitempty"`
	StreetAddress string `json:"street_address,omitempty"`
	Locality      string `json:"locality,omitempty"`
	Region        string `json:"region,omitempty"`
	PostalCode    string `json:"postal_code,omitempty"`
	Country       string `json:"country,omitempty"`
}

// ParseProfile reads storage.Person.Profile; empty gives the zero Profile. Members we do not know are left out.
func ParseProfile(stored []byte) (Profile, error) {
	var p Profile
	if len(stored) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(stored, &p); err != nil {
		return Profile{}, fmt.Errorf("user: stored profile: %w", err)
	}
	return p, nil
}

// Zone is the time zone of a stored profile, else another one.
func Zone(profile []byte, otherwise string) string {
	if p, err := ParseProfile(profile); err == nil && p.Zoneinfo != "" {
		return p.Zoneinfo
	}
	return otherwise
}

// JSON is the stored form.
func (p Profile) JSON() []byte {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // texts, and JSON that was read
	}
	return b
}

// Equal reports whether two profiles say the same.
func (p Profile) Equal(other Profile) bool { return bytes.Equal(p.JSON(), other.JSON()) }
