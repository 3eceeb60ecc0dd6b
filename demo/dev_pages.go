package demo

import (
	"bytes"
	"context"
	"html/template"
	"io"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// dev is the pages under /dev/ of the sign-in server: whom to sign in as, the outbox, every page with example data. They
// exist only in `soglia dev`.
type dev struct {
	ctx       context.Context
	out       io.Writer
	memory    *notify.Memory
	receipts  *receipts
	pages     *templates.Set // the sign-in server's look, for the gallery
	origins   *origins
	customers []*Someone
	friends   []*Someone
	off       []string
}

// devPage is what these pages show.
type devPage struct {
	Title, Step string
	Live        bool
	Menu        []devLink

	Panel, Social      string
	Customers, Friends []*Someone
	AppCode            string
	AppLeft            int
	Off                []string
	Messages           []letter
	Moods              []moodChoice
	Journeys           []journey
	Langs              []string
}

type devLink struct {
	URL, Name string
	Here      bool
}

var devTemplate = template.Must(template.ParseFS(assets, "assets/dev.html"))

// routes are the rows that dev adds to the server's table.
func (d *dev) routes() []web.Route {
	get := []string{http.MethodGet}
	// The gallery is Public: whoever looks through all pages quickly is no flood.
	return []web.Route{
		{Methods: get, Pattern: "/dev/{$}", Audience: web.Page, Handler: d.showIndex},
		{Methods: get, Pattern: "/dev/outbox", Audience: web.Page, Handler: d.showOutbox},
		{Methods: []string{http.MethodPost}, Pattern: "/dev/outbox", Audience: web.Page, Subject: web.FromForm, Handler: d.choose},
		{Methods: get, Pattern: "/dev/outbox/{n}", Audience: web.Page, Handler: d.showLetter},
		{Methods: get, Pattern: "/dev/outbox.json", Audience: web.API, Handler: d.outboxJSON},
		{Methods: get, Pattern: "/dev/outbox.events", Audience: web.API, Handler: d.outboxEvents},
		{Methods: get, Pattern: "/dev/pages", Audience: web.Public, Handler: d.showGallery},
		{Methods: get, Pattern: "/dev/pages/{lang}/{page}", Audience: web.Public, Handler: d.showSample},
		{Methods: get, Pattern: "/dev/dev.css", Audience: web.Public, Handler: d.asset("assets/dev.css", "text/css; charset=utf-8")},
		{Methods: get, Pattern: "/dev/outbox.js", Audience: web.Public, Handler: d.asset("assets/outbox.js", "text/javascript; charset=utf-8")},
	}
}

func (d *dev) showIndex(w http.ResponseWriter, _ *http.Request) error {
	page := &devPage{
		Title: "Soglia, trying it out", Step: "index", Panel: d.origins.Panel.URL, Social: d.origins.Social.URL,
		Customers: d.customers, Friends: d.friends, Off: d.off,
	}
	for _, who := range d.customers {
		if code, left := who.Code(time.Now()); code != "" {
			page.AppCode, page.AppLeft = code, int(left.Seconds())
		}
	}
	return d.show(w, "index", page)
}

// show renders one of dev's own pages.
func (d *dev) show(w http.ResponseWriter, name string, page *devPage) error {
	page.Menu = append(page.Menu,
		devLink{"/dev/", "Start", page.Step == "index"}, devLink{"/dev/outbox", "Outbox", page.Step == "outbox"},
		devLink{"/dev/pages", "Pages", page.Step == "gallery"}, devLink{d.origins.Panel.URL, "Panel", false})
	var body bytes.Buffer
	if err := devTemplate.ExecuteTemplate(&body, name, page); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	_, err := w.Write(body.Bytes())
	return err
}

func (d *dev) asset(name, kind string) web.Handler {
	serve := asset(name, kind)
	return func(w http.ResponseWriter, r *http.Request) error {
		serve(w, r)
		return nil
	}
}
