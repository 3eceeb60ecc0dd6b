package step

import (
	"cmp"
	"errors"
	"net/url"
	"slices"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/phonenumber"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
)

// readNumber reads a number from its form: typed beside a country, with the answer to which of two was meant. An answer is one only
// to what still stands in the field: whoever corrects the number meanwhile is read anew.
func readNumber(cfg *config.Config, form url.Values) (number string, question []string, wrong *templates.FormError) {
	read, err := phonenumber.Read(form.Get("number"), served(cfg, form.Get("country")))
	if which, unread := phonenumber.Parse(form.Get("which"), ""); unread == nil && slices.Contains(read.Question, which) {
		read = phonenumber.Reading{Number: which}
	}
	if err == nil && len(read.Question) > 0 {
		for _, n := range read.Question {
			if n.TakesCodes(cfg.Policy.Countries) == nil {
				question = append(question, n.Shown(""))
			}
		}
		if len(question) > 0 {
			return "", question, &templates.FormError{Field: "number", Text: "number.which", Args: map[string]any{"Prefix": phonenumber.Prefix(served(cfg, form.Get("country")))}}
		}
		read.Number = read.Question[0]
	}
	if err == nil {
		err = read.Number.TakesCodes(cfg.Policy.Countries)
	}
	switch {
	case err == nil:
		return read.Number.String(), nil, nil
	case errors.Is(err, phonenumber.ErrMobile):
		return "", nil, &templates.FormError{Field: "number", Text: "number.not_mobile"}
	case errors.Is(err, phonenumber.ErrCountry):
		return "", nil, &templates.FormError{Field: "number", Text: "number.not_served"}
	}
	return "", nil, &templates.FormError{Field: "number", Text: "bad_number"}
}

// served is the country chosen beside the field; one that is not in the list is none.
func served(cfg *config.Config, country string) string {
	if slices.Contains(cfg.Policy.Countries, country) {
		return country
	}
	return ""
}

// shownNumber is a number (E.164) as it is written for people of a language: as in its country for those who live there.
func shownNumber(lang, number string) string {
	n, err := phonenumber.Parse(number, "")
	if err != nil {
		return number
	}
	home, _ := language.Make(lang).Region()
	return n.Shown(home.String())
}

// numberField dresses the field: the countries by name, and the one that stands there already: the last choice, else that of the
// page's language, else where most customers live. English is spoken by people of every country, and says nothing of theirs.
// Where none of these is served nothing is chosen: a number that is read with the prefix of a stranger's country is a stranger's.
func numberField(cfg *config.Config, form url.Values, page *templates.EnrolNumber) {
	tag := language.Make(page.Lang)
	names := display.Regions(tag)
	for _, c := range cfg.Policy.Countries {
		region, err := language.ParseRegion(c)
		if err != nil {
			continue
		}
		page.Countries = append(page.Countries, templates.NumberCountry{Code: c, Prefix: phonenumber.Prefix(c), Name: names.Name(region)})
	}
	order := collate.New(tag)
	slices.SortFunc(page.Countries, func(a, b templates.NumberCountry) int { return order.CompareString(a.Name, b.Name) })
	region, _ := tag.Region()
	likely := append([]string{region.String()}, cfg.Limits.Toll.Home...)
	if base, _ := tag.Base(); base.String() == "en" {
		likely = append(slices.Clone(cfg.Limits.Toll.Home), region.String())
	}
	for _, c := range append([]string{form.Get("country")}, likely...) {
		page.Country = cmp.Or(page.Country, served(cfg, c))
	}
}

// knownNumbers are those among the person's contacts that a code can go to.
func knownNumbers(cfg *config.Config, person *storage.Person) (list []*storage.Contact) {
	for _, c := range person.Contacts {
		if isPhone(c) && cfg.TakesCodes(c.Canonical) {
			list = append(list, c)
		}
	}
	return list
}
