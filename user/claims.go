package user

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ClaimError says in words what is wrong with the value of a claim.
type ClaimError string

func (e ClaimError) Error() string { return string(e) }

const (
	notText  ClaimError = "The value must be a text."
	badText  ClaimError = "The text is longer than 200 characters, or holds characters that cannot be shown."
	badURL   ClaimError = "The value must be an address that begins with https:// or http://, of at most 1000 characters."
	badDate  ClaimError = "A birth date is YYYY-MM-DD, YYYY, or 0000-MM-DD without the year."
	badZone  ClaimError = "A time zone has an IANA name, such as Europe/Rome."
	badPlace ClaimError = "An address is an object of formatted, street_address, locality, region, postal_code and country, each a text."
	badOwn   ClaimError = "The value must be a text, a number of at most 40 characters, true or false, or a list of at most 50 texts."
)

const (
	maxText   = 200  // characters of a text for people
	maxURL    = 1000 // bytes
	maxList   = 50   // texts of a claim of the operator's own
	maxDigits = 40   // of a number, as written
	maxLines  = 10   // of an address
)

// claims are the standard claims of a profile (OIDC Core §5.1), by name: each reads a value into it. null empties
// (RFC 7396). An error is a [ClaimError].
var claims = map[string]func(*Profile, json.RawMessage) error{
	"name":        text(func(p *Profile) *string { return &p.Name }, badText, Plain),
	"given_name":  text(func(p *Profile) *string { return &p.GivenName }, badText, Plain),
	"family_name": text(func(p *Profile) *string { return &p.FamilyName }, badText, Plain),
	"middle_name": text(func(p *Profile) *string { return &p.MiddleName }, badText, Plain),
	"nickname":    text(func(p *Profile) *string { return &p.Nickname }, badText, Plain),
	"profile":     text(func(p *Profile) *string { return &p.Profile }, badURL, isURL),
	"picture":     text(func(p *Profile) *string { return &p.Picture }, badURL, isURL),
	"website":     text(func(p *Profile) *string { return &p.Website }, badURL, isURL),
	"gender":      text(func(p *Profile) *string { return &p.Gender }, badText, Plain),
	"birthdate":   text(func(p *Profile) *string { return &p.Birthdate }, badDate, isBirthdate),
	"zoneinfo":    text(func(p *Profile) *string { return &p.Zoneinfo }, badZone, isZone),
	"address":     (*Profile).setAddress,
}

// ProfileClaims are the names that [Profile.Set] takes.
var ProfileClaims = slices.Sorted(maps.Keys(claims))

// Set reads the value of a standard claim, one of [ProfileClaims], into p.
func (p *Profile) Set(name string, value json.RawMessage) error { return claims[name](p, value) }

// text reads a claim that is a text and good.
func text(at func(*Profile) *string, bad ClaimError, good func(string) bool) func(*Profile, json.RawMessage) error {
	return func(p *Profile, value json.RawMessage) error {
		var s string
		if json.Unmarshal(value, &s) != nil {
			return notText
		}
		if s != "" && !good(s) {
			return bad
		}
		*at(p) = s
		return nil
	}
}

// Plain reports whether s is a text for people: one line of at most 200 characters that can be shown.
func Plain(s string) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxText || strings.TrimSpace(s) != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && (!unicode.IsPrint(r) || unicode.Is(unicode.Cf, r)) })
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxURL && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"<>\^{|}`+"`", r) }) // RFC 3986 §2
}

// isBirthdate knows dates, years alone, and days without a year, which is then 0000 (OIDC Core §5.1).
func isBirthdate(s string) bool {
	form := "2006"
	if len(s) != len(form) {
		form = time.DateOnly
	}
	_, err := time.Parse(form, s)
	return err == nil && s != "0000"
}

func isZone(s string) bool {
	_, err := time.LoadLocation(s)
	return err == nil && s != "Local"
}

// setAddress takes over the members that the value names (RFC 7396): of an empty address, all there are.
func (p *Profile) setAddress(value json.RawMessage) error {
	var said map[string]*string
	if json.Unmarshal(value, &said) != nil {
		return badPlace
	}
	var a Address
	if p.Address != nil && said != nil {
		a = *p.Address
	}
	members := map[string]*string{
		"formatted": &a.Formatted, "street_address": &a.StreetAddress, "locality": &a.Locality, "region": &a.Region,
		"postal_code": &a.PostalCode, "country": &a.Country,
	}
	for name, s := range said {
		at := members[name]
		if at == nil {
			return badPlace
		}
		if *at = ""; s != nil {
			lines := strings.Split(strings.ReplaceAll(*s, "\r\n", "\n"), "\n") // §5.1.1: it may have several
			if len(lines) > maxLines || slices.ContainsFunc(lines, func(line string) bool { return !Plain(line) }) {
				return badText
			}
			*at = *s
		}
	}
	if p.Address = &a; a == (Address{}) {
		p.Address = nil
	}
	return nil
}

// SetOwn reads the value of a claim that only scopes of the YAML know; the caller knows the names. null takes it away. Kept
// is what was checked, not the bytes that came: those may be no UTF-8, and tokens hold them as they are kept.
func (p *Profile) SetOwn(name string, value json.RawMessage) error {
	var v any
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber() // 64 bits of an integer are more than a float64 holds
	if d.Decode(&v) != nil || !isOwn(v) {
		return badOwn
	}
	kept, err := json.Marshal(v)
	if err != nil {
		return badOwn
	}
	own := maps.Clone(p.Own)
	if own == nil {
		own = map[string]json.RawMessage{}
	}
	if own[name] = kept; v == nil {
		delete(own, name)
	}
	if p.Own = own; len(own) == 0 {
		p.Own = nil
	}
	return nil
}

// isOwn bounds what becomes part of tokens and answers.
func isOwn(v any) bool {
	switch v := v.(type) {
	case string:
		return Plain(v)
	case []any:
		return len(v) <= maxList && !slices.ContainsFunc(v, func(item any) bool {
			s, ok := item.(string)
			return !ok || !Plain(s)
		})
	case json.Number:
		_, err := v.Float64()
		return err == nil && len(v) <= maxDigits
	case nil, bool:
		return true
	}
	return false
}
