package config

import (
	"bytes"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/secret"
)

// Words that stand in secrets of manuals and never in random ones: the shortest comes up once in some ten million
// secrets of 64 characters.
var placeholders = []string{"example", "changeme", "change-me", "change_me", "password", "default", "insecure", "replace", "secret", "1234567", "abcdefg", "qwerty"}

// fromAManual says whether a secret is one that others know too (ASVS 6.3.2).
func fromAManual(s string) bool {
	return slices.ContainsFunc(placeholders, func(p string) bool { return strings.Contains(strings.ToLower(s), p) })
}

// hashed says whether a SHA-256 is that of nothing, which is what "hash $SECRET" gives when the variable is not set, or
// of a word that stands in manuals: whether a hash is of something random cannot be seen, but these are known.
func hashed(sum []byte) (problem string) {
	for _, line := range []string{"", "\n"} {
		if bytes.Equal(sum, secret.Hash(line)) {
			return "is the hash of an empty secret"
		}
	}
	for _, word := range append(manuals, placeholders...) {
		for _, line := range []string{word, word + "\n", strings.ToUpper(word)} {
			if bytes.Equal(sum, secret.Hash(line)) {
				return "is the hash of a word that stands in manuals"
			}
		}
	}
	return ""
}

// manuals are whole secrets of manuals and of other servers' first start.
var manuals = []string{
	"admin", "changeit", "test", "demo", "client-secret", "client_secret", "clientsecret", "my-secret", "mysecret", "s3cr3t", "topsecret", "top-secret",
	"supersecret", "letmein", "passw0rd", "password1", "password123", "123456", "12345678", "example-app-secret", "ZXhhbXBsZS1hcHAtc2VjcmV0",
}
