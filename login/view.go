package login

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/step"
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

// holds says how long what is asked now will do: "session", or minutes; "" where the panel may ask again whenever it likes.
func (f *flow) holds() string {
	if f.Asked.MaxAge != nil || f.Asked.PromptLogin {
		return ""
	}
	least := time.Duration(0)
	if l, ok := f.Config.Policy.Level(f.Next.Target); ok {
		least = l.Lasts
	}
	for _, s := range f.Asked.Scopes {
		if s.MaxAge > 0 && slices.Contains(f.Next.Scopes, s.Name) && (least == 0 || s.MaxAge < least) {
			least = s.MaxAge
		}
	}
	if least > 0 {
		return least.String()
	}
	return "session"
}

// socialWillDo reports whether the social login of a first sign-in opens this panel by itself the next time.
func (f *flow) socialWillDo() bool {
	p := f.Config.Policy
	return p.Social == acr.SocialFirstLogin && p.Providers[f.Provider()].Floor == "" && f.Asked.ClientFloor == "" &&
		!p.HasGroupFloor(f.Current.AcrPerson(f.Config))
}

// methods are the names of factors as templates know them.
func methods(in []acr.Method) []string {
	out := make([]string, len(in))
	for i, m := range in {
		out[i] = string(m)
	}
	return out
}

// ways are the options that mfa can ask for, in the person's order.
func (f *flow) ways() []acr.Option {
	return step.InOrder(f.Current.Person, askable(&f.Next, f.Factors.Asks))
}
