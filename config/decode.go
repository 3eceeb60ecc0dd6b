package config

import (
	"fmt"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v4"
)

// decoder puts YAML nodes into the structs of file.go. Unlike the YAML library's own decoding it goes on after every
// mistake, knows the column of each, and remembers where every value came from.
type decoder struct {
	*loader
	source *source
	places *places
	depth  int
	nodes  int
}

// Limits against YAML that refers to itself; no real configuration comes near.
const (
	deepest   = 32
	mostNodes = 200_000
)

// fromYAML is a type with a shape of its own in YAML.
type fromYAML interface {
	decodeYAML(d *decoder, n *yaml.Node, f field, path string)
}

func (d *decoder) errorf(n *yaml.Node, path, hint, format string, args ...any) {
	d.places.bad[path] = true
	d.mistakes.add(d.source.at(n), hint, format, args...)
}

// value decodes n into v. f carries the tags that apply to v.
func (d *decoder) value(n *yaml.Node, v reflect.Value, f field, path string) {
	d.depth, d.nodes = d.depth+1, d.nodes+1
	defer func() { d.depth-- }()
	if d.depth > deepest || d.nodes > mostNodes {
		if d.nodes <= mostNodes+1 {
			d.errorf(n, path, "", "is nested too deeply, or refers to itself")
			d.nodes = mostNodes + 1
		}
		return
	}
	d.places.values[path] = d.source.at(n)
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		d.errorf(n, path, "", "%s has no value", subject(path))
		return
	}
	if own, ok := v.Addr().Interface().(fromYAML); ok {
		own.decodeYAML(d, n, f, path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.depth--
		d.value(n, v.Elem(), f, path)
		d.depth++
	case reflect.Struct:
		d.section(n, v, path)
	case reflect.Map:
		d.entries(n, v, f, path)
	case reflect.Slice:
		d.list(n, v, f, path)
	default:
		d.scalar(n, v, f, path)
	}
}

func (d *decoder) section(n *yaml.Node, v reflect.Value, path string) {
	d.keys(n, path, part{v, fieldsOf(v.Type())})
}

// part is a struct, and those of its fields that a section may hold.
type part struct {
	v      reflect.Value
	fields []field
}

// keys decodes a section whose keys are those of several structs.
func (d *decoder) keys(n *yaml.Node, path string, parts ...part) {
	var known, secrets []string
	for _, p := range parts {
		for _, f := range p.fields {
			if known = append(known, f.key); f.typ == secretType {
				secrets = append(secrets, f.key)
			}
		}
	}
	d.pairs(n, path, func(key, value *yaml.Node) {
		for _, p := range parts {
			for _, f := range p.fields {
				if f.key == key.Value {
					at := under(path, key.Value)
					d.places.keys[at] = d.source.at(key)
					d.value(value, p.v.Field(f.index), f, at)
					return
				}
			}
		}
		if meant := nearest(key.Value, known); looksSecret(key.Value) || looksSecret(meant) || slices.Contains(secrets, meant) {
			d.source.maskAll(value)
		}
		where := ""
		if name := lastKey(path); name != "" {
			where = " in " + name
		}
		d.mistakes.add(d.source.at(key), didYouMean(key.Value, known), "unknown key %q%s", key.Value, where)
	})
}

func (d *decoder) entries(n *yaml.Node, v reflect.Value, f field, path string) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	d.pairs(n, path, func(key, value *yaml.Node) {
		if !contains(f.keys, key.Value) {
			d.mistakes.add(d.source.at(key), didYouMean(key.Value, f.keys), "unknown key %q in %s", key.Value, lastKey(path))
			return
		}
		at := under(path, key.Value)
		if v.MapIndex(reflect.ValueOf(key.Value)).IsValid() { // from another file: within one, pairs has seen it
			first := d.places.keys[at]
			d.mistakes.add(d.source.at(key), "", "%s %q is already defined at %s:%d", singular(path), key.Value, first.source.name, first.line)
			return
		}
		d.places.keys[at] = d.source.at(key)
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(value, item, f, at)
		v.SetMapIndex(reflect.ValueOf(key.Value), item)
	})
}

// pairs calls each for every key of a mapping, refusing repeated and nameless ones.
func (d *decoder) pairs(n *yaml.Node, path string, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.errorf(n, path, "", "%s must hold keys with values", subject(path))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			d.mistakes.add(d.source.at(key), "", "a key must be a word")
			continue
		}
		if line, ok := seen[key.Value]; ok {
			if looksSecret(key.Value) {
				d.source.maskAll(value)
			}
			d.mistakes.add(d.source.at(key), "", "key %q is already in line %d", key.Value, line)
			continue
		}
		seen[key.Value] = key.Line
		each(key, value)
	}
}

// list appends, so that included files continue the lists of the main one.
func (d *decoder) list(n *yaml.Node, v reflect.Value, f field, path string) {
	if n.Kind != yaml.SequenceNode {
		d.errorf(n, path, "", "%s must be a list, such as [one, two]", subject(path))
		return
	}
	for _, item := range n.Content {
		i := v.Len()
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		d.value(item, v.Index(i), f, fmt.Sprintf("%s[%d]", path, i))
	}
}
