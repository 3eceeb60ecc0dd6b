package demo

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// galleryLangs are the languages every page is shown in.
var galleryLangs = templates.Languages()

// journey is a way that people go, and the pages on it.
type journey struct {
	Name   string
	begins []string // of the pages' names
	Pages  []string
}

// journeys sort the pages by where people meet them; what belongs to no way comes last.
func journeys() []journey {
	all := []journey{
		{Name: "Signing in", begins: []string{"signin", "consent", "leave", "form-post"}},
		{Name: "A second step", begins: []string{"code"}},
		{Name: "A social login", begins: []string{"contact", "connect"}},
		{Name: "Switching a method on", begins: []string{"enrol", "recovery"}},
		{Name: "The password", begins: []string{"forgot", "set-password", "password", "change-password", "not-me"}},
		{Name: "The account", begins: []string{"account"}},
		{Name: "Signing out", begins: []string{"signout", "signed-out"}},
		{Name: "Help, and what goes wrong", begins: []string{""}},
	}
	for _, f := range templates.Fixtures() {
		i := slices.IndexFunc(all, func(j journey) bool {
			return slices.ContainsFunc(j.begins, func(begin string) bool { return strings.HasPrefix(f.Name, begin) })
		})
		all[i].Pages = append(all[i].Pages, f.Name)
	}
	return all
}

// showGallery lists every page of the sign-in server with example data.
func (d *dev) showGallery(w http.ResponseWriter, _ *http.Request) error {
	page := &devPage{Title: "Pages", Step: "gallery", Langs: galleryLangs, Journeys: journeys()}
	return d.show(w, "gallery", page)
}

// onward is what sends a browser on from a page whose only purpose is to be left.
var onward = regexp.MustCompile(`<meta http-equiv="refresh"[^>]*>| data-after="[0-9]+"`)

// showSample shows one of them, under the policy that pages have. Those that lead on by themselves stay: the form_post
// page's form may go to our own origin only, and meta refresh is taken out.
func (d *dev) showSample(w http.ResponseWriter, r *http.Request) error {
	name, lang := r.PathValue("page"), r.PathValue("lang")
	all := templates.Fixtures()
	if !slices.ContainsFunc(all, func(f templates.Fixture) bool { return f.Name == name }) || !slices.Contains(galleryLangs, lang) {
		return &web.Error{Status: http.StatusNotFound, Code: "not_found", Message: "not_found"}
	}
	body, err := d.pages.RenderFixture(name, lang)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", d.pages.CSP(&templates.Failure{}))
	_, err = w.Write(onward.ReplaceAll(body, nil))
	return err
}
