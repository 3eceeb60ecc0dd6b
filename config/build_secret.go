package config

import (
	"errors"
	"math"
	"net/url"
	"strings"

	"github.com/soglia-sso/soglia/secret"
)

// secret returns the value of a secret field. isURL allows plain addresses that hold no password.
func (b *builder) secret(path string, s Secret, isURL bool) string {
	if s == "" || b.places.isBad(path) {
		return ""
	}
	r, isReference, problem := reference(string(s))
	switch {
	case problem != "":
		b.errorf(path, "", "%s: %s", lastKey(path), problem)
		return ""
	case isReference:
		value, problem := b.resolve(r, b.places.of(path).source.dir)
		if problem != "" {
			b.errorf(path, "", "%s: %s", lastKey(path), problem)
			b.places.bad[path] = true
		}
		b.mistakes.hide(value, string(s))
		return value
	case isURL && !urlPassword(string(s)):
		return string(s)
	}
	b.mistakes.hide(string(s), "•••")
	if !b.options.Dev {
		b.errorf(path, `keep it in a file beside this one and write "${file:NAME}", or use "${env:NAME}"`,
			"%s is a secret in plain text", path)
		b.places.bad[path] = true
	}
	return string(s)
}

// urlPassword reports whether an address holds a password, or cannot be read well enough to tell.
func urlPassword(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return true
	}
	if _, has := u.User.Password(); has {
		return true
	}
	for key := range u.Query() {
		if strings.Contains(strings.ToLower(key), "password") {
			return true
		}
	}
	return strings.Contains(s, "${")
}

// clientSecrets returns the SHA-256 hashes of a client's secrets. They must be random enough that nobody
// finds one by trying: neither from its hash nor at the token endpoint, where the right one is never refused.
func (b *builder) clientSecrets(path, client string, secrets ClientSecrets) [][]byte {
	var hashes [][]byte
	for _, s := range secrets {
		if s.SHA256 != nil {
			if problem := hashed(s.SHA256); problem != "" {
				b.errorf(path, `run "soglia client hash-secret" and write what it prints`, "secret of client %q %s", client, problem)
			}
			hashes = append(hashes, s.SHA256)
			continue
		}
		if _, isReference, _ := reference(string(s.Secret)); !isReference && !b.options.Dev && s.Secret != "" {
			b.mistakes.hide(string(s.Secret), "•••")
			b.errorf(path, `run "soglia client hash-secret" and write what it prints, or keep the secret in a file: "${file:NAME}"`,
				"secret of client %q is in plain text", client)
			continue
		}
		value := b.secret(path, s.Secret, false)
		if value == "" {
			continue
		}
		if problem := weakSecret(value); problem != "" {
			b.errorf(path, `the right secret always opens, however often others guessed; "soglia client hash-secret" makes a good one`, "secret of client %q %s", client, problem)
			continue
		}
		hashes = append(hashes, secret.Hash(value))
	}
	return hashes
}

// CheckClientSecret returns why s is no good client secret; the error never holds it.
func CheckClientSecret(s string) error {
	if problem := weakSecret(s); problem != "" {
		return errors.New("the secret " + problem)
	}
	return nil
}

// bits says how many bits a secret has at most, by its length and by what it is made of: the smallest usual alphabet that
// holds it. Separators and our own prefix count for nothing, but in base64url, where - and _ are digits.
func bits(s string) float64 {
	s = strings.TrimPrefix(s, "sog_cs_")
	has := func(set func(rune) bool) bool { return strings.ContainsFunc(s, set) }
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	lower := func(r rune) bool { return r >= 'a' && r <= 'z' }
	upper := func(r rune) bool { return r >= 'A' && r <= 'Z' }
	alphabet := 36
	switch {
	case has(lower) && has(upper):
		return float64(len(s)) * math.Log2(62)
	case !has(lower) && !has(upper):
		alphabet = 10
	case !has(func(r rune) bool { return r >= 'g' && r <= 'z' || r >= 'G' && r <= 'Z' }):
		alphabet = 16
	case !has(digit):
		alphabet = 26
	}
	n := 0
	for _, r := range s {
		if digit(r) || lower(r) || upper(r) {
			n++
		}
	}
	return float64(n) * math.Log2(float64(alphabet))
}

// weakSecret returns why s is no good client secret, or "". Only unreserved characters (RFC 3986 §2.3): panels differ
// in how they percent-encode the others for Basic (RFC 6749 §2.3.1).
func weakSecret(s string) string {
	switch {
	case strings.ContainsFunc(s, func(r rune) bool { return !unreserved(r) }):
		return "has characters other than letters, digits and . _ ~ -"
	case len(s) >= 22 && fromAManual(s):
		return "is not random: it holds words that stand in manuals"
	case bits(s) < 128 || distinct(s) < 8:
		return "is not random enough: it needs 128 bits, which are 22 random letters of both cases and digits, or 32 hexadecimal digits"
	}
	return ""
}

func unreserved(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._~-", r)
}
