package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
)

// channels checks every gateway as its driver wants it.
func (b *builder) channels() Channels {
	out := Channels{}
	all := reflectOf(&b.file.Channels)
	for _, f := range fieldsOf(all.Type()) {
		path := under("channels", f.key)
		switch v := all.Field(f.index).Interface().(type) {
		case *FileGateway:
			if v != nil {
				out[f.key] = []Gateway{b.gateway(path, f.key, v)}
			}
		case []FileGateway:
			for i := range v {
				out[f.key] = append(out[f.key], b.gateway(fmt.Sprintf("%s[%d]", path, i), f.key, &v[i]))
			}
			b.prefixes(path, f.key, out[f.key])
		}
	}
	b.names(out)
	return out
}

var (
	gatewayName = regexp.MustCompile(`^[a-z0-9_-]{1,32}$`)
	e164Prefix  = regexp.MustCompile(`^\+[1-9][0-9]{0,14}$`)
)

// prefixes checks what the gateways of a channel serve, together.
func (b *builder) prefixes(path, channel string, all []Gateway) {
	everywhere := len(all) == 0
	for i, g := range all {
		for j, p := range g.For {
			at := fmt.Sprintf("%s[%d].for[%d]", path, i, j)
			switch {
			case p == "*":
				everywhere = true
			case !e164Prefix.MatchString(p):
				b.errorf(at, "", "for must hold prefixes such as \"+39\", or \"*\", not %q", p)
			}
			if slices.Contains(g.For[:j], p) {
				b.errorf(at, "", "for holds %q twice", p)
			}
		}
	}
	if !everywhere {
		b.mistakes.warn(b.places.of(path), "", "no gateway of %s serves \"*\": who has a number of another prefix gets nothing by %s", path, channel)
	}
}

// names checks that each gateway can be told from the others.
func (b *builder) names(all Channels) {
	seen := map[string]bool{}
	for _, channel := range sortedKeys(all) {
		for i, g := range all[channel] {
			at := "channels." + channel
			if len(all[channel]) > 1 {
				at = fmt.Sprintf("%s[%d].name", at, i)
			}
			switch {
			case g.Driver == "": // told already
			case !gatewayName.MatchString(g.Name):
				b.errorf(at, "", "name must be of small letters, digits, - and _, at most 32")
			case seen[g.Name]:
				b.errorf(at, "write name: with a word of your own", "two gateways are called %q", g.Name)
			}
			seen[g.Name] = true
		}
	}
}

func (b *builder) gateway(path, channel string, g *FileGateway) Gateway {
	driver, ok := b.options.Drivers.Kinds[g.Driver]
	switch {
	case !ok: // in a file it was told already
		b.errorf(path+".driver", "", "unknown driver %q", g.Driver)
		return Gateway{}
	case driver.Dev && !b.options.Dev:
		b.errorf(path+".driver", "", "driver %s keeps messages in memory; it is for soglia dev", g.Driver)
	}
	if g.Settings == nil {
		g.Settings = driver.Settings()
	}
	v := reflectOf(g.Settings)
	fill(v)
	b.required(v, path)
	for _, f := range fieldsOf(v.Type()) {
		if s, ok := v.Field(f.index).Interface().(Secret); ok {
			v.Field(f.index).SetString(b.secret(under(path, f.key), s, f.urlSecret))
		}
	}
	g.Settings.Check(func(key, format string, args ...any) {
		b.errorf(under(path, key), "", format, args...)
	}, func(key, format string, args ...any) {
		b.mistakes.warn(b.places.of(under(path, key)), "", format, args...)
	})
	if len(g.For) == 0 {
		g.For = []string{"*"}
	}
	return Gateway{Driver: g.Driver, Name: cmp.Or(g.Name, g.Driver), For: g.For, Settings: g.Settings}
}
