package servertest

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// jar keeps cookies as a browser does. net/http/cookiejar knows Secure, Path and expiry; what it lacks, and what our
// security rests on, is added here: SameSite, and the promises of the __Host- prefix (RFC 6265bis §4.1.3.2, §5.6.7.1).
type jar struct {
	t    testing.TB
	mu   sync.Mutex
	kept *cookiejar.Jar
	site map[string]http.SameSite // host + name
	tag  string                   // of the last page of ours that had a form, in any tab
}

func newJar(t testing.TB) *jar {
	kept, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &jar{t: t, kept: kept, site: map[string]http.SameSite{}}
}

// tagged remembers the tag of a page's forms, or returns the last one.
func (j *jar) tagged(tag string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	if tag != "" {
		j.tag = tag
	}
	return j.tag
}

// store keeps the cookies of an answer. A __Host- cookie that breaks its promise fails the test: a browser would drop
// it without a word.
func (j *jar) store(u *url.URL, cookies []*http.Cookie) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range cookies {
		if strings.HasPrefix(c.Name, "__Host-") && (!c.Secure || c.Domain != "" || c.Path != "/") {
			j.t.Errorf("%s: cookie %s breaks the __Host- promise: secure=%v domain=%q path=%q", u.Host, c.Name, c.Secure, c.Domain, c.Path)
			continue
		}
		j.site[u.Host+" "+c.Name] = c.SameSite
	}
	j.kept.SetCookies(u, cookies)
}

// send returns the cookies that go to u. crossSite: the request was caused by another site; unsafe: its method is not
// GET or HEAD. Lax cookies stay home on cross-site POSTs, Strict ones on every cross-site request. A cookie without
// SameSite counts as Lax, as in Chromium.
func (j *jar) send(u *url.URL, crossSite, unsafe bool) []*http.Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []*http.Cookie
	for _, c := range j.kept.Cookies(u) {
		switch j.site[u.Host+" "+c.Name] {
		case http.SameSiteNoneMode:
		case http.SameSiteStrictMode:
			if crossSite {
				continue
			}
		default:
			if crossSite && unsafe {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// site is the registrable domain, as far as the hosts of tests need it: the last two labels.
func site(host string) string {
	host, _, _ = strings.Cut(host, ":")
	labels := strings.Split(host, ".")
	if len(labels) <= 2 {
		return host
	}
	return strings.Join(labels[len(labels)-2:], ".")
}

// relation is Sec-Fetch-Site of one hop (Fetch Metadata §2.3).
func relation(from, to *url.URL) string {
	switch {
	case from == nil:
		return "none"
	case from.Scheme == to.Scheme && from.Host == to.Host:
		return "same-origin"
	case site(from.Host) == site(to.Host):
		return "same-site"
	}
	return "cross-site"
}

// worse returns the more distant of two relations: a redirect chain keeps the worst one.
func worse(a, b string) string {
	rank := map[string]int{"none": 0, "same-origin": 1, "same-site": 2, "cross-site": 3}
	if rank[b] > rank[a] {
		return b
	}
	return a
}
