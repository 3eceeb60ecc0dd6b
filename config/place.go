package config

import (
	"slices"
	"strings"
)

// place is where something stands in the files.
type place struct {
	source    *source
	line, col int
}

// places remembers where each value came from, under its path in the file set: "clients[2].redirect_uris[0]".
// Keys of mappings are kept apart, for mistakes that are about the key.
type places struct {
	values, keys map[string]place
	bad          map[string]bool // already reported, so that one mistake is told once
	root         place
}

func newPlaces(root place) *places {
	return &places{map[string]place{}, map[string]place{}, map[string]bool{}, root}
}

// of returns the place of path's value, or of the nearest thing around it.
func (p *places) of(path string) place {
	for ; path != ""; path = parent(path) {
		if at, ok := p.values[path]; ok {
			return at
		}
	}
	return p.root
}

// key returns the place of path's key, or where the value would have stood.
func (p *places) key(path string) place {
	if at, ok := p.keys[path]; ok {
		return at
	}
	return p.of(path)
}

// isBad reports whether path or anything around it was already reported.
func (p *places) isBad(path string) bool {
	for ; path != ""; path = parent(path) {
		if p.bad[path] {
			return true
		}
	}
	return false
}

// isBadBelow reports whether something inside path was already reported.
func (p *places) isBadBelow(path string) bool {
	for at := range p.bad {
		if strings.HasPrefix(at, path) {
			return true
		}
	}
	return false
}

func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

// under joins a path and a key.
func under(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// lastKey returns the name of the innermost key in a path, for messages.
func lastKey(path string) string {
	for strings.HasSuffix(path, "]") {
		path = path[:strings.LastIndexByte(path, '[')]
	}
	return path[strings.LastIndexByte(path, '.')+1:]
}

// subject is lastKey as the subject of a sentence.
func subject(path string) string {
	if strings.HasSuffix(path, "]") {
		return "each item of " + lastKey(path)
	}
	return lastKey(path)
}

// singular names one entry of the map at path.
func singular(path string) string { return strings.TrimSuffix(lastKey(path), "s") }

// looksSecret guesses from a key whether its value should not be printed.
func looksSecret(key string) bool {
	key = strings.ToLower(key)
	words := []string{"secret", "password", "token", "key", "credential"}
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(key, word) })
}
