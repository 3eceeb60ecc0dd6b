// Package phonenumber is the form of telephone numbers: what people write is read once, and kept, compared and sent to in
// the international form (E.164).
//
// It owns how a number is read and shown, and whether a code can go there at all: to a mobile, in a country. It leaves to
// user and contact whose numbers are kept, to mfa what codes may cost, and to notify how a message gets there.
//
// Easy to get wrong: a guess. A number of another country that is read with the prefix beside the field is somebody else's
// number. Where what was typed and what was chosen disagree, [Read] asks.
package phonenumber

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers/v2"
)

// Why a text is no number that a code can go to.
var (
	Err        = errors.New("phonenumber: not a telephone number")
	ErrMobile  = errors.New("phonenumber: not a mobile number")
	ErrCountry = errors.New("phonenumber: of a country that is not served")
)

// Number is a number that exists by the plan of its country. Only reading makes one; the zero value is none.
type Number struct{ e164, country string }

// String is the form to keep, compare and send to: E.164, such as +393331234567. A leading zero of the national number
// stays where the country keeps it (Italy).
func (n Number) String() string { return n.e164 }

// Country is the country (ISO 3166) of the number, such as IT; "" for one of no country, such as a satellite's.
func (n Number) Country() string { return n.country }

// longest bounds what is looked at, in bytes: the longest number has 15 digits, and people put a few signs between them.
const longest = 80

// Parse reads a number as people write it. region (ISO 3166) is the country of one without an international prefix; "" = it
// must have one. Err.
func Parse(text, region string) (Number, error) {
	digits, international, err := clean(text)
	if err != nil {
		return Number{}, err
	}
	if international {
		return of("+"+digits, "ZZ")
	}
	if region == "" {
		return Number{}, Err
	}
	return of(digits, region)
}

// of asks the plan of the countries.
func of(digits, region string) (Number, error) {
	parsed, err := phonenumbers.Parse(digits, region)
	if err != nil || !phonenumbers.IsValidNumber(parsed) {
		return Number{}, Err
	}
	n := Number{e164: phonenumbers.Format(parsed, phonenumbers.E164)}
	if country := phonenumbers.GetRegionCodeForNumber(parsed); len(country) == 2 && country != "ZZ" {
		n.country = country
	}
	return n, nil
}

// clean takes the digits out of what was typed, and says whether they begin with an international prefix. Letters are
// refused, though some phones dial by them: a typo would be a number.
func clean(text string) (digits string, international bool, err error) {
	if len(text) > longest || !utf8.ValidString(text) {
		return "", false, Err
	}
	var b strings.Builder
	for _, r := range strings.TrimSpace(text) {
		digit, ok := digitOf(r)
		switch {
		case ok:
			b.WriteByte(digit)
		case (r == '+' || r == '＋') && b.Len() == 0 && !international:
			international = true
		case !strings.ContainsRune(between, r) && !strings.ContainsRune(pasted, r):
			return "", false, Err
		}
	}
	digits = b.String()
	if rest, ok := strings.CutPrefix(digits, "00"); ok && !international { // the way to dial abroad, in Europe
		digits, international = rest, true
	}
	if len(digits) < 3 || len(digits) > 17 { // 15 of E.164 and a prefix that is dialled
		return "", false, Err
	}
	return digits, international, nil
}

// between are the signs that people put between digits, as wide as their keyboard has them.
const between = " \u00a0\u2009\u202f\u3000-\u2010\u2011\u2012\u2013\u2212－./．／()（）[]"

// pasted are marks that nobody sees: address books put them around a number that is copied, so that it keeps its direction.
const pasted = "\u200b\u200e\u200f\u061c\u202a\u202c\u202d\u2060\u2066\u2068\u2069\ufeff"

// zeros are the first of ten consecutive digits: ASCII, full-width, Arabic-Indic and extended Arabic-Indic, as phones type
// them. Digits of other scripts are refused: nobody's keyboard has them, and each is one more way to look like another.
var zeros = []rune{'0', '０', '٠', '۰'}

func digitOf(r rune) (byte, bool) {
	for _, zero := range zeros {
		if r >= zero && r < zero+10 {
			return byte('0' + r - zero), true
		}
	}
	return 0, false
}

// TakesCodes reports why no code can go to the number, or nil: it is no mobile (ErrMobile), or of a country that is not
// among those (ErrCountry). In some countries nobody can tell a mobile from a fixed line; those numbers count as mobiles.
func (n Number) TakesCodes(countries []string) error {
	parsed, err := phonenumbers.Parse(n.e164, "ZZ")
	if err != nil {
		return Err
	}
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
	default:
		return ErrMobile
	}
	if !slices.Contains(countries, n.country) {
		return ErrCountry
	}
	return nil
}

// Shown is the number as it is written: as in its country for people there (home, ISO 3166), with its prefix for others.
func (n Number) Shown(home string) string {
	parsed, err := phonenumbers.Parse(n.e164, "ZZ")
	if err != nil {
		return n.e164
	}
	if n.country != "" && n.country == home {
		return phonenumbers.Format(parsed, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
}

// Area is the prefix by which numbers are counted together: the country's prefix and the next four digits.
func (n Number) Area() string {
	parsed, err := phonenumbers.Parse(n.e164, "ZZ")
	if err != nil {
		return n.e164[:min(len(n.e164), 7)]
	}
	national := phonenumbers.GetNationalSignificantNumber(parsed)
	return n.e164[:len(n.e164)-len(national)+min(4, len(national))]
}
