package config

import "fmt"

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
		}
	}
	return out
}

func (b *builder) gateway(path, channel string, g *FileGateway) Gateway {
	driver, ok := b.options.Drivers.Kinds[g.Driver]
	switch {
	case !ok: // in a file it was told already
		b.errorf(path+".driver", "", "unknown driver %q", g.Driver)
		return Gateway{}
	case driver.Unbuilt:
		b.errorf(path+".driver", "", "`%s` is not available in this version", g.Driver)
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
	return Gateway{Driver: g.Driver, Settings: g.Settings}
}
