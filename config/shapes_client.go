package config

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"go.yaml.in/yaml/v4"
)

// ClientKeys are the public keys of a client, a JSON Web Key Set (RFC 7517 §5) as JSON. JSON is YAML, so the set of a
// panel can be pasted as it is.
type ClientKeys json.RawMessage

// mostKeys bounds how many keys one assertion is tried with.
const mostKeys = 20

func (k *ClientKeys) decodeYAML(d *decoder, n *yaml.Node, _ field, path string) {
	var v any
	if n.Kind != yaml.MappingNode || n.Decode(&v) != nil {
		d.errorf(n, path, "", "%s must be a JSON Web Key Set: {keys: [{kty: EC, …}]}", lastKey(path))
		return
	}
	raw, err := json.Marshal(v)
	if err != nil {
		d.errorf(n, path, "", "%s must be a JSON Web Key Set: {keys: [{kty: EC, …}]}", lastKey(path))
		return
	}
	problem, private := wrongKeys(raw)
	if private {
		d.source.maskAll(n)
	}
	if problem != "" {
		d.errorf(n, path, "", "%s %s", lastKey(path), problem)
		return
	}
	*k = ClientKeys(raw)
}

// wrongKeys says what is wrong with a key set, and whether it holds a secret.
func wrongKeys(raw []byte) (problem string, private bool) {
	var bare struct{ Keys []map[string]any }
	if json.Unmarshal(raw, &bare) != nil || len(bare.Keys) == 0 {
		return `must be a JSON Web Key Set: {keys: [{kty: EC, …}]}`, false
	}
	for _, key := range bare.Keys {
		if key["d"] != nil || key["k"] != nil {
			return "holds a private key, which stays with the client: write the public members only", true
		}
	}
	if len(bare.Keys) > mostKeys {
		return fmt.Sprintf("has more than %d keys", mostKeys), false
	}
	seen := map[string]bool{}
	for i, key := range bare.Keys {
		one, err := json.Marshal(key)
		var k jose.JSONWebKey
		if err != nil || json.Unmarshal(one, &k) != nil || !k.Valid() {
			return fmt.Sprintf("has a key that cannot be read: the %d. of the list", i+1), false
		}
		if k.KeyID != "" && seen[k.KeyID] {
			return fmt.Sprintf("has the kid %q twice", k.KeyID), false
		}
		seen[k.KeyID] = true
		if weak := weakKey(k.Key); weak != "" {
			return fmt.Sprintf("has a key that cannot be used, the %d. of the list: %s", i+1, weak), false
		}
	}
	return "", false
}

// weakKey says why a key proves nothing; "" = it does.
func weakKey(key any) string {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		if k.Curve.Params().Name != "P-256" {
			return "an EC key must be on P-256"
		}
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return "an RSA key must have at least 2048 bits"
		}
	case ed25519.PublicKey:
	default:
		return "it must be EC, RSA or Ed25519"
	}
	return ""
}

// AuthMethods are the ways in which a client may authenticate: one word, or a list.
type AuthMethods []string

var authMethods = []string{byBasic, byPost, byKey, byNothing}

func (m *AuthMethods) decodeYAML(d *decoder, n *yaml.Node, _ field, path string) {
	f := field{choices: slices.Clone(authMethods)}
	if n.Kind != yaml.SequenceNode {
		var word string
		d.value(n, reflect.ValueOf(&word).Elem(), f, path)
		*m = AuthMethods{word}
		return
	}
	if len(n.Content) == 0 {
		d.errorf(n, path, "", "auth_method is empty: leave it out, or name what the client uses")
		return
	}
	var list []string
	d.list(n, reflect.ValueOf(&list).Elem(), f, path)
	*m = list
}

// Introspect says whose tokens a client may look at besides its own: of the Clients listed, or of all.
type Introspect struct {
	All     bool
	Clients []string
}

func (i *Introspect) decodeYAML(d *decoder, n *yaml.Node, _ field, path string) {
	if n.Kind == yaml.SequenceNode {
		d.value(n, reflect.ValueOf(&i.Clients).Elem(), field{}, path)
		return
	}
	var word string
	d.value(n, reflect.ValueOf(&word).Elem(), field{choices: []string{"all"}}, path)
	i.All = word == "all"
}
