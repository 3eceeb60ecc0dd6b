package config

import "sync/atomic"

// Current holds the snapshot in force. Readers take it once per request and keep to it.
type Current struct {
	load func() (*Config, error)
	held atomic.Pointer[Config]
}

// Open loads the first snapshot with load, which [Current.Reload] calls again.
func Open(load func() (*Config, error)) (*Current, error) {
	c := &Current{load: load}
	return c, c.Reload()
}

// Get returns the snapshot in force.
func (c *Current) Get() *Config { return c.held.Load() }

// Reload puts the files as they are now in force. When anything is wrong the old snapshot stays and all mistakes are
// returned.
func (c *Current) Reload() error {
	next, err := c.load()
	if err != nil {
		return err
	}
	c.held.Store(next)
	return nil
}
