package phonenumber

import (
	"slices"
	"strconv"

	"github.com/nyaruka/phonenumbers/v2"
)

// EU stands for the members of the European Union, in a list of countries.
const EU = "EU"

var members = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT",
	"RO", "SE", "SI", "SK",
}

// Countries are those of a list in which EU may stand for its members, each once, in the order of their codes; unknown are
// the words that are neither.
func Countries(list []string) (countries, unknown []string) {
	for _, c := range list {
		switch {
		case c == EU:
			countries = append(countries, members...)
		case Prefix(c) != "":
			countries = append(countries, c)
		default:
			unknown = append(unknown, c)
		}
	}
	slices.Sort(countries)
	return slices.Compact(countries), unknown
}

// Known are the words that a list of countries may hold.
func Known() []string {
	var all []string
	for c := range phonenumbers.GetSupportedRegions() {
		all = append(all, c)
	}
	slices.Sort(all)
	return append(all, EU)
}

// Prefix is the international prefix of a country (ISO 3166), such as +39; "" = there is no such country.
func Prefix(country string) string {
	if code := phonenumbers.GetCountryCodeForRegion(country); code != 0 {
		return "+" + strconv.Itoa(code)
	}
	return ""
}
