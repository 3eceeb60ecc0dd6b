package config

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v4"
)

// ClientSecret is one secret of a client: its hash, or where it is.
type ClientSecret struct {
	SHA256 []byte // nil when Secret is given
	Secret Secret
}

// ClientSecrets are a client's secrets: one, or two while rotating.
type ClientSecrets []ClientSecret

func (s *ClientSecrets) decodeYAML(d *decoder, n *yaml.Node, _ field, path string) {
	d.source.maskAll(n)
	if n.Kind != yaml.SequenceNode {
		s.add(d, n, path)
		return
	}
	if len(n.Content) == 0 || len(n.Content) > 2 {
		d.errorf(n, path, "", "secret must be one, or a list of two while rotating")
		return
	}
	for _, item := range n.Content {
		s.add(d, item, path)
	}
}

func (s *ClientSecrets) add(d *decoder, n *yaml.Node, path string) {
	if n.Kind != yaml.MappingNode {
		var one ClientSecret
		d.value(n, reflect.ValueOf(&one.Secret).Elem(), field{}, path)
		*s = append(*s, one)
		return
	}
	var hash string
	d.pairs(n, path, func(key, value *yaml.Node) {
		if key.Value != "sha256" {
			d.mistakes.add(d.source.at(key), didYouMean(key.Value, []string{"sha256"}), "unknown key %q in secret", key.Value)
			d.places.bad[path] = true
			return
		}
		d.value(value, reflect.ValueOf(&hash).Elem(), field{}, under(path, "sha256"))
	})
	sum, err := hex.DecodeString(hash)
	switch {
	case d.places.isBad(path) || d.places.isBad(under(path, "sha256")):
	case err != nil || len(sum) != sha256.Size:
		d.errorf(n, path, `run "soglia client hash-secret" and write what it prints`, "sha256 must be 64 hexadecimal digits")
	default:
		*s = append(*s, ClientSecret{SHA256: sum})
	}
}

// OnUnmet is a client's word about scopes whose level is not held: one for All, or one per scope.
type OnUnmet struct {
	All     string
	ByScope map[string]string
}

var onUnmetWords = []string{"step_up", "offer", "drop"}

func (o *OnUnmet) decodeYAML(d *decoder, n *yaml.Node, _ field, path string) {
	f := field{choices: slices.Clone(onUnmetWords)}
	if n.Kind == yaml.MappingNode {
		d.value(n, reflect.ValueOf(&o.ByScope).Elem(), f, path)
		return
	}
	d.value(n, reflect.ValueOf(&o.All).Elem(), f, path)
}

// PerChannel is a number for each channel: one for All, or one per channel.
type PerChannel struct {
	All       int
	ByChannel map[string]int
}

func (p *PerChannel) decodeYAML(d *decoder, n *yaml.Node, f field, path string) {
	if n.Kind == yaml.MappingNode {
		d.value(n, reflect.ValueOf(&p.ByChannel).Elem(), f, path)
		return
	}
	f.keys = nil
	d.value(n, reflect.ValueOf(&p.All).Elem(), f, path)
}

// of puts the numbers of the file over the default ones.
func (p PerChannel) of(standard map[string]int) map[string]int {
	for channel := range standard {
		if p.All > 0 {
			standard[channel] = p.All
		}
	}
	for channel, n := range p.ByChannel {
		standard[channel] = n
	}
	return standard
}
