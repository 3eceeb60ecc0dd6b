package stepup

import (
	"net/http"
	"net/url"
	"strings"
)

// bearer finds the access token: in one Authorization header and nowhere else. One in the query would stand in logs and
// histories, and is refused even where the header has one, too (RFC 6750 §2.3, RFC 9700 §4.3.2).
func bearer(h http.Header, query string) (string, error) {
	if query != "" {
		name, err := url.QueryUnescape(query)
		if err != nil || strings.Contains(name, "access_token") {
			return "", malformed("The access token must not be in the query.")
		}
	}
	values := h.Values("Authorization")
	if len(values) > 1 {
		return "", malformed("There is more than one Authorization header.")
	}
	if len(values) == 0 {
		return "", errNoToken
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", errNoToken
	}
	token = strings.TrimLeft(token, " ")
	if !b64token(token) {
		return "", malformed("The Authorization header is malformed.")
	}
	if len(token) > maxToken {
		return "", invalid("The access token is too long.")
	}
	return token, nil
}

// b64token is what a token may consist of (RFC 6750 §2.1).
func b64token(s string) bool {
	body := strings.TrimRight(s, "=")
	for i := range len(body) {
		switch c := body[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~+/", c) >= 0:
		default:
			return false
		}
	}
	return body != ""
}
