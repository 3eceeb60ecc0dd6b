package web

import (
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/secret"
)

// browserLife is as long as browsers keep a cookie at all.
const browserLife = 400 * 24 * time.Hour

// Cookies are the cookies of a site: five secrets of 256 bits, the language that was chosen, and the panel that led to the account area. Each has the prefix __Host-,
// Secure, HttpOnly, Path=/ and SameSite=Lax. Over http on *.localhost, as in dev, browsers treat them the same.
//
// A cookie that appears twice is ignored: which of the two is the real one is not for us to guess.
type Cookies struct{ prefix string }

// Browser returns the secret that tells this browser apart from others, or "".
func (c Cookies) Browser(r *http.Request) string {
	if v := infoOf(r).browser; v != "" {
		return v
	}
	return c.get(r, "browser")
}

// EnsureBrowser returns the browser's secret and gives it one if it has none.
func (c Cookies) EnsureBrowser(w http.ResponseWriter, r *http.Request) string {
	if v := c.Browser(r); v != "" {
		return v
	}
	v := secret.New("")
	infoOf(r).browser = v // a second call within this request must not make a second one
	c.set(w, "browser", v, int(browserLife/time.Second), time.Time{})
	return v
}

// Session returns the session's secret, or "".
func (c Cookies) Session(r *http.Request) string { return c.get(r, "session") }

// SetSession gives the browser a session until expires; the zero time means until it is closed.
func (c Cookies) SetSession(w http.ResponseWriter, value string, expires time.Time) {
	c.set(w, "session", value, 0, expires)
}

// ClearSession takes the session's cookie away.
func (c Cookies) ClearSession(w http.ResponseWriter) { c.set(w, "session", "", -1, time.Time{}) }

// Quarantine returns the quarantine's secret, or "".
func (c Cookies) Quarantine(r *http.Request) string { return c.get(r, "quarantine") }

// SetQuarantine gives the browser a quarantine until expires.
func (c Cookies) SetQuarantine(w http.ResponseWriter, value string, expires time.Time) {
	c.set(w, "quarantine", value, 0, expires)
}

// ClearQuarantine takes the quarantine's cookie away.
func (c Cookies) ClearQuarantine(w http.ResponseWriter) { c.set(w, "quarantine", "", -1, time.Time{}) }

// Remember returns the secret of "remember me", or "".
func (c Cookies) Remember(r *http.Request) string { return c.get(r, "remember") }

// SetRemember lets the browser be remembered until expires.
func (c Cookies) SetRemember(w http.ResponseWriter, value string, expires time.Time) {
	c.set(w, "remember", value, 0, expires)
}

// ClearRemember takes the cookie of "remember me" away.
func (c Cookies) ClearRemember(w http.ResponseWriter) { c.set(w, "remember", "", -1, time.Time{}) }

// Link returns the secret of the mailed link that was opened in this browser, or "".
func (c Cookies) Link(r *http.Request) string { return c.get(r, "link") }

// SetLink keeps the secret of a mailed link out of the address bar, and so out of history, logs and Referer (W08). What
// cannot be one of ours is not kept.
func (c Cookies) SetLink(w http.ResponseWriter, value string, lasts time.Duration) {
	if !wellFormed(value) {
		c.ClearLink(w)
		return
	}
	c.set(w, "link", value, max(1, int(lasts/time.Second)), time.Time{})
}

// ClearLink takes the cookie of a mailed link away.
func (c Cookies) ClearLink(w http.ResponseWriter) { c.set(w, "link", "", -1, time.Time{}) }

// Panel returns the id of the panel from which somebody came to the account area, or "".
func (c Cookies) Panel(r *http.Request) string { return c.get(r, "panel") }

// SetPanel keeps it until the browser is closed: the way back stands on every page of the area.
func (c Cookies) SetPanel(w http.ResponseWriter, id string) { c.set(w, "panel", id, 0, time.Time{}) }

// Lang returns the language that was chosen in this browser, or "".
func (c Cookies) Lang(r *http.Request) string { return c.get(r, "lang") }

// SetLang keeps a language for the pages to come: a form posts to an address that does not name it.
func (c Cookies) SetLang(w http.ResponseWriter, lang string) {
	c.set(w, "lang", lang, int(browserLife/time.Second), time.Time{})
}

func (c Cookies) set(w http.ResponseWriter, name, value string, maxAge int, expires time.Time) {
	http.SetCookie(w, &http.Cookie{
		Name: c.prefix + name, Value: value, Path: "/", MaxAge: maxAge, Expires: expires,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (c Cookies) get(r *http.Request, name string) string {
	found := r.CookiesNamed(c.prefix + name)
	if len(found) != 1 || !wellFormed(found[0].Value) {
		return ""
	}
	return found[0].Value
}

// wellFormed says whether v can be one of ours, so that a made-up megabyte never reaches a hash or a log.
func wellFormed(v string) bool {
	if len(v) == 0 || len(v) > 128 {
		return false
	}
	for i := range len(v) {
		c := v[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~') {
			return false
		}
	}
	return true
}

// carriesCookies says whether cookies may pass on this route. A program's route and cacheable bytes have none. A
// cross-site POST brings none (SameSite=Lax), so a handler that relies on them passes its tests and fails in browsers:
// POST /authorize, end_session and form_post callbacks store, answer 303, and the GET that follows binds or checks.
func carriesCookies(a Audience, method string) bool {
	return a == Page || a == Entry && safe(method)
}
