package op

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/tokens"
)

// usual is room for the claims of all standard scopes, on the stack.
type usual [24]string

// wanted lists the claims about the person that scopes and wishes ask for, each once, by the names that the client has for
// them. granted are the scopes of the token, of which scopes are those whose claims belong in this answer. out is empty.
func (c *client) wanted(out, granted, scopes []string, wishes map[string]*claimWish) []string {
	for i, s := range scopes {
		if slices.Contains(scopes[:i], s) {
			continue
		}
		for _, name := range c.opens[s] {
			if !c.overlap || !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	for i := range c.Claims { // before the wishes: a wish for a claim is none for the one that repeats it
		if own := &c.Claims[i]; own.From == "" && len(scopes) > 0 || slices.Contains(out, own.From) {
			out = append(out, own.Name)
		}
	}
	for name := range wishes {
		if !slices.Contains(out, name) && !isProtocolClaim(name) && c.mayWish(name, granted) {
			out = append(out, name)
		}
	}
	return out
}

// mayWish reports whether the claims parameter may ask for a claim beside the scopes of the token. It opens nothing that a
// scope would not: the client must still have one that opens the claim, and where a level or the person's word stands before
// that scope, it must be among the granted ones.
func (c *client) mayWish(name string, granted []string) bool {
	for i := range c.Claims {
		if own := &c.Claims[i]; own.Name == name {
			return own.From == "" || c.mayWish(own.From, granted)
		}
	}
	for scope, names := range c.opens {
		if !slices.Contains(names, name) {
			continue
		}
		terms := c.terms.Scopes[scope]
		if terms.Level == "" && terms.MaxAge == 0 && !consent.Asks(c.Client) || slices.Contains(granted, scope) {
			return true
		}
	}
	return name == tokens.ClaimAuthn
}

// idTokenClaims are the claims about the person that go into the ID token: those the claims parameter asks for there,
// and those of the scopes where YAML says claims_in: id_token. With scope openid alone there are none.
func (m *minting) idTokenClaims() []string {
	var scopes []string
	if slices.Contains(m.client.ClaimsIn, "id_token") {
		scopes = m.scopes
	}
	var wishes map[string]*claimWish
	if c := m.claims(); c != nil {
		wishes = c.IDToken
	}
	names := m.client.wanted(nil, m.scopes, scopes, wishes)
	if len(m.scopes) > 1 && m.authStands && !slices.Contains(names, tokens.ClaimAuthn) {
		names = append(names, tokens.ClaimAuthn)
	}
	return names
}

// protocolClaims are made by us for every ID token, never looked up.
var protocolClaims = []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "sid", "jti"}

func isProtocolClaim(name string) bool { return slices.Contains(protocolClaims, name) }

func (m *minting) claims() *claimsRequest {
	if len(m.grant.Claims) == 0 {
		return nil
	}
	c, err := parseClaims(m.grant.Claims)
	if err != nil {
		return nil // it was parsed before it was stored
	}
	return c
}

// claimsRequest is the claims parameter (OIDC Core §5.5). Unknown members are ignored.
type claimsRequest struct {
	UserInfo map[string]*claimWish `json:"userinfo"`
	IDToken  map[string]*claimWish `json:"id_token"`
}

// claimWish is what is asked of one claim; nil = voluntary, no value named.
type claimWish struct {
	Essential bool              `json:"essential"`
	Value     json.RawMessage   `json:"value"`
	Values    []json.RawMessage `json:"values"`
}

var errClaims = errors.New("op: claims parameter")

// parseClaims reads the parameter; its length was bounded before.
func parseClaims(raw []byte) (*claimsRequest, error) {
	if len(raw) == 0 || raw[0] != '{' || !once(json.NewDecoder(bytes.NewReader(raw))) {
		return nil, errClaims
	}
	c := &claimsRequest{}
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, errClaims
	}
	return c, nil
}

// once reports whether no object names a member twice, in whatever case. Where one does, readers differ about what it says
// (RFC 8259 §4): encoding/json takes the last, and "ID_TOKEN" for "id_token", so that a demand could be taken back unseen.
func once(d *json.Decoder) bool {
	token, err := d.Token()
	if err != nil {
		return false
	}
	switch token {
	case json.Delim('{'):
		seen := map[string]bool{}
		for d.More() {
			token, err := d.Token()
			name, _ := token.(string)
			name = strings.ToLower(strings.ToUpper(name)) // encoding/json ignores case beyond ASCII: it takes the long s for an s, the Kelvin sign for a k
			if err != nil || seen[name] || !once(d) {
				return false
			}
			seen[name] = true
		}
	case json.Delim('['):
		for d.More() {
			if !once(d) {
				return false
			}
		}
	default:
		return true
	}
	_, err = d.Token() // the closing brace or bracket
	return err == nil
}

// named returns the values the wish names, and whether it names any. Values that are no strings are no level of ours
// and no subject: they stay in the list as the empty name, which matches nothing.
func (w *claimWish) named() ([]string, bool) {
	if w == nil {
		return nil, false
	}
	all := w.Values
	if w.Value != nil && string(w.Value) != "null" {
		all = append([]json.RawMessage{w.Value}, all...)
	}
	out := make([]string, 0, len(all))
	for _, raw := range all {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			s = ""
		}
		out = append(out, s)
	}
	return out, len(out) > 0
}

// subject returns the one person the claims ask for; ok is false when they contradict each other.
func (c *claimsRequest) subject() (sub string, ok bool) {
	if c == nil {
		return "", true
	}
	for _, w := range []*claimWish{c.IDToken["sub"], c.UserInfo["sub"]} {
		names, any := w.named()
		if !any {
			continue
		}
		if len(names) != 1 || names[0] == "" || sub != "" && sub != names[0] {
			return "", false
		}
		sub = names[0]
	}
	return sub, true
}
