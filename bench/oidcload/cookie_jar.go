package main

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// jar keeps cookies as a browser does on this machine: Secure and __Host- cookies of http on loopback are kept and sent
// (Secure Contexts §3.1), which net/http/cookiejar refuses. It is for one host at a time and has no SameSite: the
// generator never crosses sites. It is also cheap, because the generator shares the processor with the server.
type jar struct {
	mu   sync.Mutex
	kept map[string][]*http.Cookie // by host
}

func newJar() *jar { return &jar{kept: map[string][]*http.Cookie{}} }

// SetCookies keeps what an answer set; a cookie of the past is forgotten.
func (j *jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range cookies {
		if c.Secure && !secure(u) || strings.HasPrefix(c.Name, "__Host-") && (!c.Secure || c.Domain != "" || c.Path != "/") {
			continue
		}
		if c.Path == "" || c.Path[0] != '/' {
			c.Path = "/"
			if i := strings.LastIndexByte(u.Path, '/'); i > 0 { // RFC 6265 §5.1.4
				c.Path = u.Path[:i]
			}
		}
		j.put(u.Host, c)
	}
}

func (j *jar) put(host string, c *http.Cookie) {
	gone := c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Before(time.Now())
	list := j.kept[host]
	for i, old := range list {
		if old.Name != c.Name || old.Path != c.Path {
			continue
		}
		if gone {
			j.kept[host] = append(list[:i], list[i+1:]...)
		} else {
			list[i] = c
		}
		return
	}
	if !gone {
		j.kept[host] = append(list, c)
	}
}

// Cookies are those that go to u.
func (j *jar) Cookies(u *url.URL) []*http.Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []*http.Cookie
	for _, c := range j.kept[u.Host] {
		under := u.Path == c.Path || strings.HasPrefix(u.Path, c.Path) && (strings.HasSuffix(c.Path, "/") || u.Path[len(c.Path)] == '/')
		if under && (!c.Secure || secure(u)) {
			out = append(out, c)
		}
	}
	return out
}

// copy is the same cookies in a jar of their own.
func (j *jar) copy() *jar {
	j.mu.Lock()
	defer j.mu.Unlock()
	other := newJar()
	for host, list := range j.kept {
		other.kept[host] = append([]*http.Cookie(nil), list...)
	}
	return other
}

// secure says whether Secure cookies go there: https, or this machine by address or name.
func secure(u *url.URL) bool {
	host := u.Hostname()
	return u.Scheme == "https" || host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}
