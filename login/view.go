package login

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// page is what every page of the request has.
func (f *flow) page(r *http.Request) templates.Page {
	return templates.Page{Lang: web.Lang(r), Request: f.base(), Panel: f.client.Name, Home: f.cfg.HomeURL(), Shown: f.Site.Shown(f.shown()...)}
}

// areas are the titles of the sensitive scopes behind the question, in the page's language.
func (f *flow) areas(lang string) []string {
	names := f.next.Scopes
	if len(names) == 0 && f.next.Reason == acr.ReasonAcrAsked {
		// A panel that drops unmet scopes names the area it is about to open by them all the same.
		for _, s := range f.asked.Scopes {
			if s.Level != "" {
				names = append(names, s.Name)
			}
		}
	}
	var out []string
	for _, name := range names {
		out = append(out, cmp.Or(f.cfg.ScopeTitle(name, lang), name))
	}
	return out
}

// holds says how long the level lasts: "session", or minutes.
func (f *flow) holds() string {
	if l, ok := f.cfg.Policy.Level(f.next.Target); ok && l.Lasts > 0 {
		return l.Lasts.String()
	}
	return "session"
}

// methods are the names of factors as templates know them.
func methods(in []acr.Method) []string {
	out := make([]string, len(in))
	for i, m := range in {
		out[i] = string(m)
	}
	return out
}

// ways are the options that mfa can ask for. Where a first step is repeated they stand in for a provider that cannot ask
// again.
func (f *flow) ways() []acr.Option {
	if f.next.Outcome != acr.AskSecond && f.next.Outcome != acr.AskFirst {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.next.Options), func(o acr.Option) bool { return !f.Factors.Asks(o.Method) })
}
