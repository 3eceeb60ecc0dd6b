package config

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/acr"
)

// builder turns a decoded file into a snapshot. It checks what one field alone cannot tell: references, secrets, and
// rules between fields. It goes on after every mistake, so its result counts only when there is none.
type builder struct {
	*loader
	file       *File
	places     *places
	goneLevels []string // names that this version took out, for better words about references to them
	levels     []string // names and aliases that can be referred to
	canonical  map[string]string
	policy     *acr.Policy
	unclear    bool           // a level could not be read, so the policy as a whole is not judged
	inside     []netip.Prefix // private networks in which panels may be told of ends
}

// errorf reports a mistake in the value at path, unless something there was reported already.
func (b *builder) errorf(path, hint, format string, args ...any) {
	if !b.places.isBad(path) {
		b.mistakes.add(b.places.of(path), hint, format, args...)
	}
}

// missing reports a key that should be there.
func (b *builder) missing(path, format string, args ...any) {
	if !b.places.isBad(path) {
		b.mistakes.add(b.places.key(path), "", format, args...)
	}
}

func (b *builder) build() *Config {
	f := b.file
	b.required(reflect.ValueOf(f).Elem(), "")
	c := &Config{
		Issuer: f.Issuer, Listen: f.Listen, Admin: f.Admin, Health: f.Health,
		Editable: slices.Clone(f.Profile.Editable), Home: f.Home, Identifiers: orElse(f.Identifiers, "username", "email"),
		Dev: b.options.Dev,
	}
	if f.Issuer != "" {
		if problem := wrongIssuer(f.Issuer, b.options.Dev); problem != "" {
			b.errorf("issuer", "", "issuer %q %s", f.Issuer, problem)
		}
	}
	b.twice("profile.editable", f.Profile.Editable)
	b.addresses(c)
	c.TLS = b.tls()
	c.Storage = b.storage()
	c.MasterKey = b.masterKey()
	c.Signing = f.Signing
	if f.Signing.PublishBefore >= f.Signing.RotateEvery {
		b.errorf("signing.publish_before", "", "publish_before must be shorter than rotate_every")
	}
	b.people(c)
	c.Channels = b.channels()
	c.Webhook = b.webhook()
	b.buildPolicy(c)
	b.textMessages(c)
	c.Scopes = b.scopes(c.Locales)
	b.groups(c)
	c.Providers = b.providers()
	b.checkPolicy()
	c.Lifetimes = f.Lifetimes
	c.Refresh = Refresh{Always: f.Refresh.Rotate == "always", Leeway: *f.Refresh.Leeway}
	c.Limits = f.Limits
	c.Limits.Toll.Home = b.tollHome(c)
	c.Alerts = b.alerts(c)
	c.Clients = b.clients(c.Scopes)
	b.home(c)
	return c
}

// required reports keys without which nothing works.
func (b *builder) required(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			b.required(v.Elem(), path)
		}
	case reflect.Slice:
		for i := range v.Len() {
			b.required(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			b.required(v.MapIndex(k), under(path, k.String()))
		}
	case reflect.Struct:
		for _, f := range fieldsOf(v.Type()) {
			at, value := under(path, f.key), v.Field(f.index)
			if f.required && value.IsZero() {
				b.missing(at, "%s is missing", at)
			}
			b.required(value, at)
		}
	}
}

// addresses checks where the server listens and whom it believes.
func (b *builder) addresses(c *Config) {
	f := b.file
	if problem := wrongListener(f.Listen); problem != "" {
		b.errorf("listen", "", "listen %s, such as 127.0.0.1:8480 or [::1]:8480", problem)
	}
	if socket, ok := strings.CutPrefix(f.Admin, "unix:"); ok {
		switch {
		case !strings.HasPrefix(socket, "/"):
			b.errorf("admin", "", "admin must be unix:/path or host:port")
		case len(socket) > longestSocket:
			b.errorf("admin", "", "admin has a path of %d bytes: sockets have names of at most %d", len(socket), longestSocket)
		}
	} else if problem := wrongListener(f.Admin); f.Admin != "" && problem != "" {
		b.errorf("admin", "", "admin %s, or unix:/path", problem)
	} else if host, _, _ := net.SplitHostPort(f.Admin); f.Admin != "" && !loopback(host) {
		b.errorf("admin", "", "admin must be unix:/path or a loopback address: it asks for no password")
	}
	if f.Admin != "" && f.Admin == f.Listen {
		b.errorf("admin", "", "admin must not be the public listener")
	}
	if problem := wrongListener(f.Health); f.Health != "" && problem != "" {
		b.errorf("health", "", "health %s, such as 0.0.0.0:9090", problem)
	}
	if f.Health != "" && (f.Health == f.Listen || f.Health == f.Admin) {
		b.errorf("health", "", "health must be a listener of its own")
	}
	c.InnerHosts = b.innerHosts()
	c.TrustedProxies = b.networks("trusted_proxies", f.TrustedProxies)
	b.inside = b.networks("backchannel.allow", f.Backchannel.Allow)
	c.Backchannel = b.inside
}

// innerHosts are the server's names inside the operator's network, as a request's Host says them.
func (b *builder) innerHosts() (all []string) {
	b.twice("internal_issuer_hosts", b.file.InternalIssuerHosts)
	for i, host := range b.file.InternalIssuerHosts {
		at := fmt.Sprintf("internal_issuer_hosts[%d]", i)
		u, err := url.Parse("http://" + host)
		switch {
		case host == "":
		case err != nil || u.Host != host || odd(host) || WrongServer(u) != "":
			b.errorf(at, "", "%q must be host or host:port, as a request names it: soglia:8480", host)
		case strings.ToLower(host) != host:
			b.errorf(at, "", "%q must be in lower case", host)
		case "https://"+host == b.file.Issuer:
			b.errorf(at, "", "%q is the issuer's own name, which needs no entry", host)
		}
		all = append(all, host)
	}
	return all
}

// networks reads a list of networks; a single address is one, too.
func (b *builder) networks(path string, list []string) (all []netip.Prefix) {
	for i, text := range list {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			var one netip.Addr
			if one, err = netip.ParseAddr(text); err == nil {
				prefix = netip.PrefixFrom(one.WithZone(""), one.BitLen())
			}
		}
		if err != nil {
			b.errorf(fmt.Sprintf("%s[%d]", path, i), "", "%s needs addresses such as 127.0.0.1/32 or 10.0.0.7", path)
			continue
		}
		all = append(all, prefix.Masked())
	}
	return all
}

func (b *builder) storage() Storage {
	f := b.file.Storage
	s := Storage{URL: b.secret("storage.url", f.URL, true), Pool: f.Pool, Pooler: f.Pooler}
	switch scheme, rest, _ := strings.Cut(s.URL, ":"); {
	case s.URL == "":
	case b.options.Storage != nil:
		if err := b.options.Storage(s.URL); err != nil {
			b.errorf("storage.url", "", "storage.url %s", err)
		}
	case rest != "" && slices.Contains([]string{"sqlite", "postgres", "postgresql"}, scheme):
	default:
		b.errorf("storage.url", "", "storage.url must begin with sqlite: or postgres://")
	}
	return s
}

// masterKey needs text: of raw bytes the last could be taken for a line end and cut off.
func (b *builder) masterKey() []byte {
	key := b.secret("secrets.master_key", b.file.Secrets.MasterKey, false)
	if key == "" {
		return nil
	}
	printable := !strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' })
	if len(key) < 32 || !printable || distinct(key) < 10 {
		b.errorf("secrets.master_key", `make one with "openssl rand -base64 48"`, "master_key must be at least 32 random printable characters")
	}
	if !b.options.Dev && fromAManual(key) {
		b.errorf("secrets.master_key", `make one with "openssl rand -base64 48"`, "master_key is not random: it holds words that stand in manuals")
	}
	return []byte(key)
}

func (b *builder) home(c *Config) {
	if b.file.Home == "" {
		if len(c.Clients) > 0 {
			b.missing("home", "home is missing: the client to whose initiate_login_uri / and /login lead")
		}
		return
	}
	client := c.Clients[b.file.Home]
	switch {
	case client == nil && (b.places.bad["clients"] || b.places.isBad("include")):
	case client == nil:
		b.errorf("home", didYouMean(b.file.Home, slices.Collect(maps.Keys(c.Clients))), "home names an unknown client %q", b.file.Home)
	case client.InitiateLoginURI == "":
		b.errorf("home", "", "client %q is home and needs an initiate_login_uri", b.file.Home)
	}
}

// orElse returns a copy of list, or the standard when it is empty.
func orElse(list []string, standard ...string) []string {
	if len(list) == 0 {
		return standard
	}
	return slices.Clone(list)
}

// twice reports items that a list holds more than once.
func (b *builder) twice(path string, list []string) {
	for i, item := range list {
		if item != "" && slices.Contains(list[:i], item) {
			b.errorf(fmt.Sprintf("%s[%d]", path, i), "", "%q is in the list twice", item)
		}
	}
}

// distinct counts different characters: enough to tell a random secret from a lazy one.
func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}
