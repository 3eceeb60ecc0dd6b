package servertest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/soglia-sso/soglia/config"
)

// Facebook is Facebook's OAuth 2.0 and as much of its Graph API as a sign-in uses.
type Facebook struct {
	door
	Token func(map[string]any) // changes what debug_token says
	Me    func(map[string]any) // changes what /me says
}

// WithFacebook configures Facebook as a provider.
func WithFacebook(f **Facebook) Option {
	*f = &Facebook{}
	return func(o *options) {
		(*f).door = newDoor(nil, "100000000000002")
		o.fakes = append(o.fakes, func(w *World) {
			(*f).t = w.T
			w.Net.Handle(FacebookWeb, http.HandlerFunc((*f).serve))
			w.Net.Handle(FacebookGraph, http.HandlerFunc((*f).serve))
		})
		With(func(c *config.File) {
			c.Providers["facebook"] = config.FileProvider{Type: "facebook", AppID: (*f).id, AppSecret: config.Secret((*f).secret), Graph: "v22.0"}
		})(o)
	}
}

func (f *Facebook) serve(w http.ResponseWriter, r *http.Request) {
	if f.Answer != nil && f.Answer(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch r.Host + r.URL.Path {
	case FacebookWeb + "/v22.0/dialog/oauth":
		f.authorize(w, r)
	case FacebookGraph + "/v22.0/oauth/access_token":
		a, ok := f.redeem(r)
		if !ok {
			graphFault(w, http.StatusBadRequest, 100)
			return
		}
		write(w, http.StatusOK, map[string]any{"access_token": "EAA" + a.account.Subject, "token_type": "bearer", "expires_in": 5183944})
	case FacebookGraph + "/v22.0/debug_token":
		if token != f.id+"|"+f.secret {
			graphFault(w, http.StatusBadRequest, 190)
			return
		}
		data := map[string]any{
			"app_id": f.id, "type": "USER", "application": "Example Hosting", "is_valid": true,
			"user_id": strings.TrimPrefix(r.URL.Query().Get("input_token"), "EAA"), "scopes": []string{"email", "public_profile"},
		}
		if f.Token != nil {
			f.Token(data)
		}
		write(w, http.StatusOK, map[string]any{"data": data})
	case FacebookGraph + "/v22.0/me":
		m := hmac.New(sha256.New, []byte(f.secret))
		m.Write([]byte(token))
		if r.URL.Query().Get("appsecret_proof") != hex.EncodeToString(m.Sum(nil)) || r.URL.Query().Get("fields") != "id,name,email" {
			graphFault(w, http.StatusBadRequest, 100)
			return
		}
		me := map[string]any{"id": f.Now.Subject, "name": f.Now.Name}
		if f.Now.Email != "" {
			me["email"] = f.Now.Email
		}
		if f.Me != nil {
			f.Me(me)
		}
		write(w, http.StatusOK, me)
	default:
		http.NotFound(w, r)
	}
}

func graphFault(w http.ResponseWriter, status, code int) {
	write(w, status, map[string]any{"error": map[string]any{"message": "no", "type": "OAuthException", "code": code, "fbtrace_id": "A1"}})
}
