package account

import (
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// otherChannel is the channel that a number may get besides those by which it was proved; "" = none.
func (v *visit) otherChannel(f *storage.Factor) acr.Method {
	if f.Address == "" || f.Disabled {
		return ""
	}
	for _, m := range v.cfg.Policy.Enrollable {
		if m.Facts().Contact != "" && f.Method != string(m) && !slices.Contains(f.Channels, string(m)) {
			return m
		}
	}
	return ""
}

// channeled is a visit in which a number gets another channel.
type channeled struct {
	host
	factor string
}

// channel answers a page about another channel of a number, behind a factor that does not rest. No row waits to be confirmed, so
// it is the code that says that something was begun: sending one, again too, takes a fresh proof, and only its answer may be late.
func (p *Pages) channel(within wish, do func(http.ResponseWriter, *http.Request, step.Host, acr.Option) error) web.Handler {
	return p.inside(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		f := v.factor(r.PathValue("factor"))
		if f == nil {
			return &web.Error{Status: http.StatusNotFound, Code: "not_found"}
		}
		m := v.otherChannel(f)
		if m == "" {
			return onward(w, r, pathFactors)
		}
		if d := v.decide(within); d.Outcome != acr.Satisfied {
			return v.ask(w, r, d, "channel."+f.ID)
		}
		return do(w, r, &channeled{host{visit: v}, f.ID}, acr.Option{Method: m, Credential: f.ID, Address: f.Address, Own: true, Independent: true})
	})
}

func (h *channeled) base() string { return pathFactors + "/" + h.factor + "/channel" }

func (h *channeled) Page(r *http.Request) templates.Page { return h.page(r, h.base()) }

func (h *channeled) Land(w http.ResponseWriter, r *http.Request, done step.Done) error {
	return onward(w, r, pathFactors+"?done="+string(done))
}
