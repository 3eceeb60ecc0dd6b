package demo

import (
	"errors"
	"html/template"
	"net/http"
)

// panelPage is what every page of the panel shows.
type panelPage struct {
	Lang, Other string // this language, and the one offered instead
	T           words
	Title       string
	Path        string // of the menu entry that is current
	Self        string // this page, for the language link
	Outbox      string
	Account     string // the account area at the provider
	Areas       []menuEntry
	Name        string // who is signed in; "" = nobody
	Acr, Amr    string
	AuthTime    string
	Plain       bool
	Drawer      *drawer

	Kind   string // home, area, signed-out, failure, missing
	Area   *area
	Rows   [][2]string
	Text   string
	Code   string
	Retry  string
	Status int
}

type menuEntry struct {
	*area
	Title string
	Open  bool
}

var panelTemplate = template.Must(template.ParseFS(assets, "assets/panel.html"))

// fill begins a page with what all pages share.
func (p *panel) fill(w http.ResponseWriter, r *http.Request, v *visit) *panelPage {
	lang := languageOf(w, r)
	t := texts[lang]
	out := &panelPage{Lang: lang, Other: map[string]string{"en": "it", "it": "en"}[lang], T: t, Path: r.URL.Path, Self: r.URL.Path, Outbox: p.issuer + "/dev/outbox", Account: p.issuer + "/account?client_id=" + panelClient, Plain: v.plain, Status: http.StatusOK}
	for _, a := range areas {
		out.Areas = append(out.Areas, menuEntry{a, t[a.Scope], v.signed != nil && v.signed.has(a.Scope)})
	}
	if s := v.signed; s != nil {
		out.Name, out.Acr, out.Amr = s.name(), s.acr(), s.amr()
		if at := s.authTime(); !at.IsZero() {
			out.AuthTime = at.In(rome).Format("15:04:05 MST") // the mails' zone
		}
		d := s.drawer(t)
		out.Drawer = &d
	}
	return out
}

func (p *panel) show(w http.ResponseWriter, page *panelPage) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(page.Status)
	return panelTemplate.ExecuteTemplate(w, "page", page)
}

func (p *panel) showHome(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := p.check(r, v); err != nil {
		return err
	}
	page := p.fill(w, r, v)
	page.Kind, page.Title = "home", page.T["home"]
	return p.show(w, page)
}

// check forgets a person who is no longer signed in at the provider.
func (p *panel) check(r *http.Request, v *visit) error {
	if v.signed == nil {
		return nil
	}
	ok, err := p.alive(r.Context(), v)
	if err != nil {
		return err
	}
	if !ok {
		v.signed = nil
	}
	return nil
}

// showArea opens a sensitive area, or goes to the provider for what is missing. A panel that knows levels checks the
// level too; one that does not looks at the granted scope alone, which the provider grants only above its floor.
func (p *panel) showArea(a *area) func(http.ResponseWriter, *http.Request, *visit) error {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		if err := p.check(r, v); err != nil {
			return err
		}
		answered := v.answered == a.Scope
		v.answered = ""
		if s := v.signed; s == nil || !s.has(a.Scope) || (!v.plain && s.acr() != "mfa") {
			if answered && s != nil {
				// The answer to this very question came a moment ago, without it: asking again would loop for ever.
				return &refusal{code: "scope", detail: a.Scope, path: a.Path}
			}
			return p.authorize(w, r, v, a.Path, a)
		}
		page := p.fill(w, r, v)
		page.Kind, page.Area, page.Title, page.Text = "area", a, page.T[a.Scope], page.T[a.Scope+".lead"]
		for _, row := range a.Rows {
			label := row[0]
			if translated := page.T[label]; translated != "" {
				label = translated
			}
			page.Rows = append(page.Rows, [2]string{label, row[1]})
		}
		return p.show(w, page)
	}
}

// doSwitch turns "cannot send acr_values" on or off. The two registrations are two clients, so the person signs in at
// the panel anew; single sign-on answers that without a page.
func (p *panel) doSwitch(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.plain, v.signed = r.PostFormValue("plain") == "on", nil
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

func (p *panel) showSignedOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	if state := r.URL.Query().Get("state"); state != "" && state != v.goodbye {
		return &refusal{code: "state", detail: "sign-out", path: "/"}
	}
	v.goodbye = ""
	page := p.fill(w, r, v)
	page.Kind, page.Title = "signed-out", page.T["signed-out"]
	return p.show(w, page)
}

func (p *panel) showMissing(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := p.fill(w, r, v)
	page.Kind, page.Title, page.Status, page.Self = "missing", page.T["missing"], http.StatusNotFound, "/"
	return p.show(w, page)
}

// showFailure says in words what an error code means, and keeps the person signed in.
func (p *panel) showFailure(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	page := p.fill(w, r, v)
	page.Kind, page.Title, page.Self, page.Retry, page.Status = "failure", page.T["failed"], "/", "/", http.StatusBadGateway
	page.Code = "panel_error"
	if refused := new(refusal); errors.As(err, &refused) {
		page.Code, page.Retry, page.Status = refused.code, refused.path, http.StatusForbidden
		page.Text = page.T["error."+refused.code]
	} else if errors.Is(err, errProvider) {
		page.Code, page.Text, page.Retry = "provider", page.T["error.provider"], r.URL.Path
	}
	if page.Text == "" {
		page.Text = page.T["error.other"]
	}
	_ = p.show(w, page) // the connection is gone; there is nobody to tell
}

// asset serves an embedded file.
func asset(name, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		b, err := assets.ReadFile(name)
		if err != nil {
			http.Error(w, "not found", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		w.Write(b)
	}
}
