package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// absent is something that the file may say and this version cannot do.
type absent struct {
	name string // as operators know it
	path string // where it stands: a.b, list items as a[], any entry of a map as *
	key  string // of the thing at path, the key that is compared with is; "" = the thing itself
	is   string // only with this value; "" = with any
}

// notYet is the one list of what is parsed and then refused, or switched off by soglia dev. Whoever builds one of
// them takes its lines out.
var notYet = []absent{
	{name: "passkey", path: "factors.passkey"},
	{name: "passkey", path: "acr[].second[]", is: "passkey"},
	{name: "phr", path: "acr[]", key: "name", is: "phr"}, // reached by passkeys only
	{name: "phr", path: "providers.*.trust_acr.*", is: "phr"},
	{name: "phrh", path: "acr[]", key: "name", is: "phrh"},
	{name: "phrh", path: "providers.*.trust_acr.*", is: "phrh"},
	{name: "phishing_resistant", path: "acr[]", key: "kind", is: "phishing_resistant"},
	{name: "hardware_bound", path: "acr[]", key: "kind", is: "hardware_bound"},
	{name: "delegation", path: "delegation"},
	{name: "delegation", path: "clients[].delegation", is: "true"},
	{name: "telephone_pin", path: "telephone_pin"},
	{name: "privacy", path: "privacy"},
}

// removed is a place where something absent was taken out.
type removed struct {
	name string
	at   *yaml.Node
}

// prune takes what this version lacks out of a file's YAML and returns it in the order of notYet.
func prune(root *yaml.Node) []removed {
	var out []removed
	for _, a := range notYet {
		a.prune(root, strings.Split(a.path, "."), &out)
	}
	return out
}

func (a absent) prune(n *yaml.Node, segments []string, out *[]removed) {
	if n.Kind != yaml.MappingNode {
		return
	}
	segment, rest := segments[0], segments[1:]
	name, isList := strings.CutSuffix(segment, "[]")
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if name != "*" && key.Value != name {
			continue
		}
		switch {
		case isList && value.Kind == yaml.SequenceNode:
			value.Content = slices.DeleteFunc(value.Content, func(item *yaml.Node) bool {
				if len(rest) > 0 {
					a.prune(item, rest, out)
					return false
				}
				return a.isAbsentAt(item, item, out)
			})
		case isList:
		case len(rest) > 0:
			a.prune(value, rest, out)
		case a.isAbsentAt(key, value, out):
			n.Content = slices.Delete(n.Content, i, i+2)
			i -= 2
		}
	}
}

// isAbsentAt reports whether the thing at n is what is not built yet. It adds where to out: at the key compared, else at key.
func (a absent) isAbsentAt(key, n *yaml.Node, out *[]removed) bool {
	value := n
	if a.key != "" {
		value = nil
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == a.key {
				key, value = n.Content[i], n.Content[i+1]
			}
		}
	}
	if value == nil || a.is != "" && value.Value != a.is {
		return false
	}
	if a.is != "" && value.Kind == yaml.ScalarNode {
		key = value
	}
	*out = append(*out, removed{a.name, key})
	return true
}
