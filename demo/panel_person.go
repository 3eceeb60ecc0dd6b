package demo

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// signedIn is who is signed in at the panel, and everything the drawer shows of how that came about.
type signedIn struct {
	client  string
	subject string
	token   *oauth2.Token
	idToken string // as it came; the hint of the sign-out
	claims  map[string]any
	info    map[string]any
	scope   string

	authURL   string
	answered  time.Duration // authorization request to answer, the person's time included
	exchanged time.Duration
	asked     time.Duration
}

func (s *signedIn) has(scope string) bool { return slices.Contains(strings.Fields(s.scope), scope) }

// sensitive are the areas already granted; they are asked for again, so that one token opens them all.
func (s *signedIn) sensitive() []string {
	var out []string
	for _, a := range areas {
		if s.has(a.Scope) {
			out = append(out, a.Scope)
		}
	}
	return out
}

func (s *signedIn) acr() string {
	v, _ := s.claims["acr"].(string)
	return v
}

func (s *signedIn) amr() string {
	var out []string
	list, _ := s.claims["amr"].([]any)
	for _, m := range list {
		out = append(out, fmt.Sprint(m))
	}
	return strings.Join(out, " ")
}

// rome is the zone of the clock times in mails; UTC where the machine knows no zones.
var rome = func() *time.Location {
	if zone, err := time.LoadLocation("Europe/Rome"); err == nil {
		return zone
	}
	return time.UTC
}()

func (s *signedIn) authTime() time.Time {
	if v, ok := s.claims["auth_time"].(float64); ok {
		return time.Unix(int64(v), 0)
	}
	return time.Time{}
}

// name is how the panel greets.
func (s *signedIn) name() string {
	for _, claim := range []string{"name", "preferred_username", "email"} {
		if v, _ := s.info[claim].(string); v != "" {
			return v
		}
	}
	return s.subject
}

// drawer is the part of a page that shows what the protocol did.
type drawer struct {
	Endpoint   string
	Parameters [][2]string
	Header     string // of the ID token
	Claims     string
	Access     string // decoded when it is a JWT
	Opaque     bool
	UserInfo   string
	Scope      string
	Timings    [][2]string
}

func (s *signedIn) drawer(t words) drawer {
	d := drawer{Claims: pretty(s.claims), UserInfo: pretty(s.info), Scope: s.scope}
	if u, err := url.Parse(s.authURL); err == nil {
		q := u.Query()
		u.RawQuery = ""
		d.Endpoint = u.String()
		for _, k := range []string{"client_id", "response_type", "scope", "acr_values", "prompt", "redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method", "ui_locales", "login_hint"} {
			if q.Has(k) {
				d.Parameters = append(d.Parameters, [2]string{k, q.Get(k)})
			}
		}
	}
	d.Header, _ = decode(s.idToken)
	head, claims := decode(s.token.AccessToken)
	d.Opaque = claims == ""
	if !d.Opaque {
		d.Access = head + "\n" + claims
	}
	d.Timings = [][2]string{
		{t["timing.answer"], s.answered.Round(time.Millisecond).String()},
		{t["timing.exchange"], s.exchanged.Round(10 * time.Microsecond).String()},
		{t["timing.userinfo"], s.asked.Round(10 * time.Microsecond).String()},
	}
	return d
}

// decode shows the two readable parts of a JWT; both are empty when token is none. It verifies nothing: the drawer only
// shows what was verified before.
func decode(token string) (header, claims string) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", ""
	}
	var out [2]string
	for i := range out {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		var v map[string]any
		if err != nil || json.Unmarshal(raw, &v) != nil {
			return "", ""
		}
		out[i] = pretty(v)
	}
	return out[0], out[1]
}

func pretty(v map[string]any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return ""
	}
	return string(b)
}
