package login

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// showStopped says what the panel requires and the person lacks. It is an error page: from here one tries again, or goes back
// to the panel, which is then told. The log says it too, for nothing is on record before somebody goes back.
func (f *flow) showStopped(w http.ResponseWriter, r *http.Request) error {
	f.Log.LogAttrs(r.Context(), slog.LevelInfo, "stopped: a scope that the client requires is missing", slog.String("client", f.Client.ID),
		slog.String("scope", strings.Join(f.Next.Lacks, " ")), slog.String("reason", string(f.Next.Reason)), slog.String("request", web.RequestID(r)))
	page := templates.Stopped{Page: f.page(r), Code: f.Next.Error, Why: string(f.Next.Reason)}
	for _, name := range f.Next.Lacks {
		page.Scopes = append(page.Scopes, templates.NewConsentScope(name, f.Config.ScopeTitle(name, page.Lang)))
	}
	return f.Site.Render(w, r, http.StatusForbidden, page)
}

// doAgain takes back what the person said no to, so that it is asked again.
func (p *Pages) doAgain(w http.ResponseWriter, r *http.Request, f *flow) error {
	if !f.Stopped() {
		return f.onward(w, r)
	}
	if err := f.change(r, func(o *request.Open) {
		o.Asked.Declined, o.Consent = false, consent.State{Prompt: o.Consent.Prompt}
	}); err != nil {
		return err
	}
	return f.onward(w, r)
}

// doLeave goes back to the panel, which gets the error of the decision.
func (p *Pages) doLeave(w http.ResponseWriter, r *http.Request, f *flow) error {
	if !f.Stopped() {
		return f.onward(w, r)
	}
	if err := f.change(r, func(o *request.Open) { o.Left = true }); err != nil {
		return err
	}
	return f.back(w, r)
}

// change writes what the person wants of the request. Where another tab was faster, that one's word stands.
func (f *flow) change(r *http.Request, change func(*request.Open)) error {
	err := f.tx(r.Context(), func(db storage.Records) error { return f.Save(r.Context(), db, true, change) })
	if errors.Is(err, storage.ErrConflict) {
		return nil
	}
	return err
}
