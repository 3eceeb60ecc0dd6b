package federation

import "context"

// Asked is what a look at a provider found.
type Asked struct {
	Provider string
	None     bool  // this kind of provider has no document that could be asked for
	Err      error // ErrUnavailable
}

// Online reads the discovery of a provider now, past what is remembered. Whether the provider knows our client and its secret only a
// sign-in shows.
func (p *Providers) Online(ctx context.Context, name string) Asked {
	d, ok := p.byName[name].(*openID)
	if !ok {
		return Asked{Provider: name, None: true}
	}
	_, err := d.discovery.get(ctx)
	return Asked{Provider: name, Err: err}
}
