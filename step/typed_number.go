package step

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/phonenumber"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
)

// takesCodes reports whether a code can go to a number (E.164).
func takesCodes(cfg *config.Config, number string) bool {
	country, mobile := phonenumber.Mobile(number)
	return mobile && slices.Contains(cfg.Policy.Countries, country)
}

// readNumber reads a number from its form: typed beside a country, or the answer to which of two was meant.
func readNumber(cfg *config.Config, form url.Values) (number string, question []string, wrong *templates.FormError) {
	var read phonenumber.Reading
	var err error
	if which := form.Get("which"); which != "" {
		read.Number, err = phonenumber.Parse(which, "")
	} else {
		read, err = phonenumber.Read(form.Get("number"), served(cfg, form.Get("country")))
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

// numberField dresses the field: the countries by name, and the one that stands there already: the last choice, else that of the
// page's language, else where most customers live.
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
	own, _ := tag.Region()
	page.Country = cmp.Or(served(cfg, form.Get("country")), served(cfg, own.String()))
	if page.Country == "" {
		page.Country = served(cfg, strings.Join(cfg.Limits.Toll.Home[:1], ""))
	}
}

// knownNumbers are those among the person's contacts that a code can go to.
func knownNumbers(cfg *config.Config, person *storage.Person) (list []*storage.Contact) {
	for _, c := range person.Contacts {
		if isPhone(c) && takesCodes(cfg, c.Canonical) {
			list = append(list, c)
		}
	}
	return list
}
