package phonenumber

import "sync"

// Mobile is the country of a number that is kept (E.164), and whether a code can go there, as [Number.TakesCodes] says of any
// country. Whoever decides asks on every request, so answers are remembered.
func Mobile(e164 string) (country string, ok bool) {
	if known, found := remembered.get(e164); found {
		return known.country, known.ok
	}
	m := mobile{}
	if n, err := Parse(e164, ""); err == nil {
		m.country = n.country
		m.ok = n.TakesCodes([]string{n.country}) == nil
	}
	remembered.put(e164, m)
	return m.country, m.ok
}

type mobile struct {
	country string
	ok      bool
}

// remembers bounds the memory to some hundred kilobytes; a full one begins anew.
const remembers = 4096

type memory struct {
	mu  sync.RWMutex
	all map[string]mobile
}

var remembered = memory{all: map[string]mobile{}}

func (m *memory) get(number string) (mobile, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	known, found := m.all[number]
	return known, found
}

func (m *memory) put(number string, is mobile) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.all) >= remembers {
		clear(m.all)
	}
	m.all[number] = is
}
