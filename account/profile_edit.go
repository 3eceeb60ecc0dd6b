package account

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// placeParts are the parts of an address that people fill in, in the order of a form (OIDC Core §5.1.1).
var placeParts = []string{"street_address", "postal_code", "locality", "region", "country"}

// showEdit is the form of the personal details that the operator lets people change (profile.editable).
func (p *Pages) showEdit(w http.ResponseWriter, r *http.Request, v *visit) error {
	if len(v.cfg.Editable) == 0 {
		return onward(w, r, pathProfile)
	}
	if d := v.decide(reading); d.Outcome != acr.Satisfied {
		return v.ask(w, r, d, "edit")
	}
	return p.Site.Render(w, r, http.StatusOK, v.editPage(r, v.values()))
}

// values are the present details, by the names of the form's fields.
func (v *visit) values() url.Values {
	p := v.profile()
	out := url.Values{}
	for name, value := range map[string]string{
		"name": p.Name, "given_name": p.GivenName, "family_name": p.FamilyName, "middle_name": p.MiddleName, "nickname": p.Nickname,
		"birthdate": p.Birthdate, "gender": p.Gender, "website": p.Website, "zoneinfo": p.Zoneinfo,
	} {
		out.Set(name, value)
	}
	if a := p.Address; a != nil {
		for name, value := range map[string]string{
			"street_address": a.StreetAddress, "postal_code": a.PostalCode, "locality": a.Locality, "region": a.Region, "country": a.Country,
		} {
			out.Set(name, value)
		}
		if a.StreetAddress == "" && a.Locality == "" { // it is known as one text only
			out.Set("street_address", a.Formatted)
		}
	}
	return out
}

func (v *visit) editPage(r *http.Request, values url.Values) *templates.AccountEdit {
	page := &templates.AccountEdit{Page: v.page(r, pathProfile+"/edit"), Version: v.cur.Person.Version}
	for _, name := range v.cfg.Editable {
		parts := []string{name}
		if name == "address" {
			parts = placeParts
		}
		for _, part := range parts {
			page.Fields = append(page.Fields, templates.AccountField{Name: part, Value: values.Get(part)})
		}
	}
	return page
}

// doEdit keeps what was changed. Only the fields that are editable are read of the form, and only while the person is as the form
// showed it: an edit of two tabs, or of the operator's system meanwhile, is never lost unseen.
func (p *Pages) doEdit(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if len(v.cfg.Editable) == 0 {
		return onward(w, r, pathProfile)
	}
	if d := v.decide(reading); d.Outcome != acr.Satisfied {
		return v.ask(w, r, d, "edit")
	}
	profile, changed, wrong := v.edited(form)
	if wrong == "" && len(changed) == 0 {
		return onward(w, r, pathProfile)
	}
	refuse := func(status int, field, text string) error {
		page := v.editPage(r, form)
		page.Error = &templates.FormError{Field: field, Text: text}
		return p.Site.Render(w, r, status, page)
	}
	if wrong != "" {
		return refuse(http.StatusUnprocessableEntity, wrong, "profile_wrong")
	}
	if form.Get("version") != strconv.FormatInt(v.cur.Person.Version, 10) {
		return refuse(http.StatusConflict, "", "profile_stale")
	}
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		row := *v.cur.Person
		row.Profile, row.Updated = profile.JSON(), v.now
		if err := db.UpdatePerson(r.Context(), &row); err != nil {
			return err
		}
		ev := v.event(r, audit.PersonUpdated, audit.OK, "profile")
		if ev.Detail, err = json.Marshal(map[string][]string{"claims": changed}); err != nil {
			return err
		}
		return db.Append(r.Context(), ev)
	})
	if errors.Is(err, storage.ErrConflict) {
		return refuse(http.StatusConflict, "", "profile_stale")
	}
	if err != nil {
		return err
	}
	return onward(w, r, pathProfile+"?done=edited")
}

// edited is the profile as the form wants it, the claims that differ, and the first field whose value cannot be kept.
func (v *visit) edited(form url.Values) (profile user.Profile, changed []string, wrong string) {
	before := v.values()
	profile = v.profile()
	for _, name := range v.cfg.Editable {
		parts, said := []string{name}, any(strings.TrimSpace(form.Get(name)))
		if name == "address" {
			parts = placeParts
			place := map[string]any{"formatted": nil} // what was one text is in parts now
			for _, part := range placeParts {
				place[part] = strings.TrimSpace(form.Get(part))
			}
			said = place
		}
		if !slices.ContainsFunc(parts, func(part string) bool { return strings.TrimSpace(form.Get(part)) != before.Get(part) }) {
			continue
		}
		raw, err := json.Marshal(said)
		if err == nil {
			err = profile.Set(name, raw)
		}
		if err != nil && wrong == "" {
			wrong = parts[0]
		}
		changed = append(changed, name)
	}
	return profile, changed, wrong
}
