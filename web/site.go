package web

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/secret"
)

// Options are what a site is built from.
type Options struct {
	Issuer         string         // exact; its host is the only Host we answer to
	InnerHosts     []string       // … beside these, host or host:port in lower case, for what is [Route.Inner]
	Dev            bool           // the ribbon, no HSTS
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	Pages          pages          // *templates.Set
	Box            *secret.Box    // keys the tags of forms; nil where no page has a form
	Log            *slog.Logger   // nil = slog.Default
	CookiePrefix   string         // tells programs on one host apart, whose ports share cookies; "" = soglia
	Flood          Flood          // per client address, for pages; zero = default
	Origins        []string       // whose scripts may read what is [Route.CORS]

	// Context adds to the context of each request where it came from, so that packages of this floor (audit) can know
	// without knowing this one. Optional.
	Context func(ctx context.Context, from netip.Addr, userAgent, requestID string) context.Context

	// Observe hears how each request ended. Its words are bounded: route is a pattern of the table ("" when none
	// matched) and method one of HTTP's or "other". Optional.
	Observe func(route, method string, status int, took time.Duration)
}

// pages is the part of *templates.Set that HTTP manners need.
type pages interface {
	Render(w io.Writer, page any) error
	CSP(page any) string
	Match(acceptLanguage, uiLocales string) string
}

// Site is the HTTP side of one issuer. It is safe for concurrent use.
type Site struct {
	Cookies Cookies

	issuer  *url.URL
	host    string // of the issuer, lower case, without the scheme's own port
	inner   map[string]bool
	dev     bool
	trusted []netip.Prefix
	pages   pages
	box     *secret.Box
	log     *slog.Logger
	flood   *limiter // per address, for pages
	origins map[string]bool
	context func(ctx context.Context, from netip.Addr, userAgent, requestID string) context.Context
	observe func(route, method string, status int, took time.Duration)
}

// NewSite checks the issuer and builds the site.
func NewSite(o Options) (*Site, error) {
	issuer, err := url.Parse(o.Issuer)
	if err != nil || issuer.Host == "" || (issuer.Scheme != "https" && issuer.Scheme != "http") {
		return nil, fmt.Errorf("web: issuer %q is not an http(s) URL", o.Issuer)
	}
	if o.Pages == nil {
		return nil, fmt.Errorf("web: no pages to show errors with")
	}
	s := &Site{
		issuer: issuer, host: bareHost(issuer.Scheme, issuer.Host), dev: o.Dev, pages: o.Pages, box: o.Box, log: cmp.Or(o.Log, slog.Default()),
		flood: newLimiter(o.Flood), context: o.Context, observe: o.Observe, origins: map[string]bool{}, inner: map[string]bool{},
	}
	for _, origin := range o.Origins {
		s.origins[origin] = true
	}
	for _, host := range o.InnerHosts {
		s.inner[host] = true
	}
	for _, p := range o.TrustedProxies {
		s.trusted = append(s.trusted, unmapped(p))
	}
	s.Cookies = Cookies{prefix: "__Host-" + cmp.Or(o.CookiePrefix, "soglia") + "_"}
	return s, nil
}

// bareHost is a host for comparison: lower case, without the port that the scheme implies.
func bareHost(scheme, host string) string {
	host = strings.ToLower(host)
	port := ":80"
	if scheme == "https" {
		port = ":443"
	}
	return strings.TrimSuffix(host, port)
}
