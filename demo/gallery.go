package demo

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// galleryLangs are the languages every page is shown in.
var galleryLangs = templates.Languages()

// showGallery lists every page of the sign-in server with example data.
func (d *dev) showGallery(w http.ResponseWriter, _ *http.Request) error {
	page := &devPage{Title: "Pages", Step: "gallery", Langs: galleryLangs}
	for _, f := range templates.Fixtures() {
		page.Pages = append(page.Pages, f.Name)
	}
	return d.show(w, "gallery", page)
}

// onward is what sends a browser on from a page whose only purpose is to be left.
var onward = regexp.MustCompile(`<meta http-equiv="refresh"[^>]*>`)

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
