package config

import "strings"

// Words that stand in secrets of manuals and never in random ones: the shortest comes up once in some ten million
// secrets of 64 characters.
var placeholders = []string{"example", "changeme", "change-me", "change_me", "password", "default", "insecure", "replace", "secret", "1234567", "abcdefg", "qwerty"}

// fromAManual says whether a secret is one that others know too (ASVS 6.3.2).
func fromAManual(s string) bool {
	lower := strings.ToLower(s)
	for _, p := range placeholders {
		if strings.Contains(lower, p) {
			return true
		}
	}
	return false
}
