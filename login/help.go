package login

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// showHelp answers what customers ask about codes and the second step, from the configuration in force: what it says and what the
// server does cannot differ. Like the support page it is reachable in every state.
func (p *Pages) showHelp(w http.ResponseWriter, r *http.Request) error {
	c, lang := p.Config(), web.Lang(r)
	out := &templates.Help{
		Page:    templates.Page{Lang: lang, Request: "/help", Home: c.HomeURL()},
		Minutes: minutes(c.Factors.Codes.TTL), Reset: minutes(c.Lifetimes.Reset), Idle: int(c.Sessions.Idle / time.Second), Absolute: int(c.Sessions.Absolute / time.Second),
		Cooling: int(c.Policy.Cooling / time.Second), Number: slices.ContainsFunc(c.Policy.Enrollable, acr.Method.ByPhone),
	}
	if c.Policy.ContactCodes != acr.Never {
		for _, m := range c.Policy.Channels {
			out.Channels = append(out.Channels, string(m))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Scopes)) {
		s := c.Scopes[name]
		title := s.Title[lang]
		if title == "" {
			title = s.Title[c.Locales.Default]
		}
		if s.Level != "" && title != "" && !slices.Contains(out.Areas, title) {
			out.Areas = append(out.Areas, title)
		}
	}
	if c.Policy.Social != acr.SocialNever {
		for _, provider := range c.Providers {
			out.Providers = append(out.Providers, provider.Title)
		}
	}
	return p.Site.Render(w, r, http.StatusOK, out)
}
