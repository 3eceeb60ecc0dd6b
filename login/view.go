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
	return templates.Page{Lang: web.Lang(r), Request: f.base(), Panel: f.Client.Name, Home: f.Config.HomeURL(), Shown: f.Site.Shown(f.shown()...)}
}

// areas are the titles of the sensitive scopes behind the question, in the page's language.
func (f *flow) areas(lang string) []string {
	names := f.Next.Scopes
	if len(names) == 0 && f.Next.Reason == acr.ReasonAcrAsked {
		// A panel that drops unmet scopes names the area it is about to open by them all the same.
		for _, s := range f.Asked.Scopes {
			if s.Level != "" {
				names = append(names, s.Name)
			}
		}
	}
	var out []string
	for _, name := range names {
		out = append(out, cmp.Or(f.Config.ScopeTitle(name, lang), name))
	}
	return out
}

// holds says how long the level lasts: "session", or minutes.
func (f *flow) holds() string {
	if l, ok := f.Config.Policy.Level(f.Next.Target); ok && l.Lasts > 0 {
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
	if f.Next.Outcome != acr.AskSecond && f.Next.Outcome != acr.AskFirst {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.Next.Options), func(o acr.Option) bool { return !f.Factors.Asks(o.Method) })
}
