package config

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// ClientClaim is a claim that one client gets under a name of its own: one of the person's once more, or a constant.
type ClientClaim struct {
	Name  string
	From  string          // the claim that it repeats; "" = a constant
	Value json.RawMessage // the constant: a text, a number, true or false, or a list of texts
}

// The longest constant, because it is in every token: texts of a list, bytes of a text, digits of a number.
const (
	mostTexts  = 50
	mostBytes  = 1000
	mostDigits = 40
)

func (c *ClientClaim) decodeYAML(d *decoder, n *yaml.Node, _ field, path string) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag != "!!str" && n.Tag != "!!timestamp":
		d.errorf(n, path, "for a constant write {value: "+n.Value+"}", "%s must be the name of a claim", subject(path))
		return
	case n.Kind != yaml.MappingNode:
		d.value(n, reflect.ValueOf(&c.From).Elem(), field{}, path)
		return
	}
	d.pairs(n, path, func(key, value *yaml.Node) {
		if key.Value != "value" {
			d.mistakes.add(d.source.at(key), didYouMean(key.Value, []string{"value"}), "unknown key %q in %s", key.Value, lastKey(path))
			d.places.bad[path] = true
			return
		}
		c.Value = d.constant(value, under(path, "value"))
	})
	if c.Value == nil && !d.places.isBad(path) && !d.places.isBadBelow(under(path, "value")) {
		d.errorf(n, path, "", "%s must be the name of a claim, or {value: …}", subject(path))
	}
}

// constant reads a value as JSON; nil = it is none, which was reported.
func (d *decoder) constant(n *yaml.Node, path string) json.RawMessage {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.SequenceNode && (len(n.Content) == 0 || len(n.Content) > mostTexts) {
		d.errorf(n, path, "", "a constant must hold 1 to %d texts", mostTexts)
		return nil
	}
	isNumber := n.Tag == "!!int" || n.Tag == "!!float"
	if isNumber && (len(n.Value) > mostDigits || !json.Valid([]byte(n.Value))) {
		d.errorf(n, path, "put it in quotes, if it is no number", "a constant must be a number as JSON writes it, of at most %d characters", mostDigits)
		return nil
	}
	var v any
	switch {
	case isNumber:
		return json.RawMessage(n.Value)
	case n.Kind == yaml.SequenceNode:
		v = new([]string)
	case n.Tag == "!!bool":
		v = new(bool)
	default:
		v = new(string)
	}
	d.value(n, reflect.ValueOf(v).Elem(), field{}, path)
	if d.places.isBad(path) || d.places.isBadBelow(path+"[") {
		return nil
	}
	raw, err := json.Marshal(v)
	if err != nil || len(raw) > mostTexts*mostBytes || n.Kind == yaml.ScalarNode && len(raw) > mostBytes {
		d.errorf(n, path, "", "a constant must be a text of at most %d bytes, a number, true or false, or a list of texts", mostBytes)
		return nil
	}
	return raw
}

// clientClaims checks the names that one client has for claims. None may be taken for another claim that it gets; and the
// claim that one repeats must be opened to it by some scope, or it would never come.
func (b *builder) clientClaims(path string, f FileClient, c *Client, scopes map[string]Scope) {
	var opened []string
	for _, s := range c.Scopes {
		opened = append(opened, opens(scopes, s)...)
	}
	var before []string
	for _, name := range sortedKeys(f.Claims) {
		claim, at := f.Claims[name], path+".claims."+name
		problem, hint := wrongClaim(name), ""
		like, twin := likeOne(opened, name), likeOne(before, name)
		switch {
		case problem != "":
		case strings.HasSuffix(name, "_verified") && isStandard(name):
			problem = "says what was proved, and is ours to say"
		case like == name:
			problem, hint = "is opened to this client by a scope", "leave it out, or choose another name"
		case like != "" || twin != "":
			problem = "must not be written so: some programs take it for \"" + like + twin + "\""
		}
		if problem != "" && !b.places.isBad(at) {
			b.mistakes.add(b.places.key(at), hint, "client %q: claim %q %s", f.ID, name, problem)
		}
		if claim.From != "" && !slices.Contains(opened, claim.From) && !b.places.bad["scopes"] {
			b.errorf(at, didYouMean(claim.From, opened), "client %q: no scope of its own opens the claim %q", f.ID, claim.From)
		}
		claim.Name = name
		before, c.Claims = append(before, name), append(c.Claims, claim)
	}
}
