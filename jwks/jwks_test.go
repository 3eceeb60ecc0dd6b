package jwks

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func key(t *testing.T, kid string) *jose.JSONWebKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &jose.JSONWebKey{Key: k, KeyID: kid, Algorithm: "ES256", Use: "sig"}
}

func document(t *testing.T, keys ...any) []byte {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestASetIsReadKeyByKey(t *testing.T) {
	good := key(t, "a").Public()
	for name, c := range map[string]struct {
		raw  []byte
		want int // keys; 0 = an error
	}{
		"one":                  {document(t, good), 1},
		"odd ones beside it":   {document(t, 7, map[string]any{"kty": "new"}, good, map[string]any{"kty": "RSA", "x5c": []string{"!"}}), 1},
		"a symmetric one":      {document(t, good, jose.JSONWebKey{Key: []byte("secret")}), 1},
		"a private one spoils": {document(t, good, key(t, "b")), 0},
		"none":                 {document(t), 0},
		"no set":               {[]byte("[]"), 0},
		"a large one":          {[]byte(`{"keys":[` + strings.Repeat(" ", maxSet) + `]}`), 0},
		"more than fifty":      {document(t, many(good, 60)...), maxKeys},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := Parse(c.raw)
			if len(keys) != c.want || (err == nil) != (c.want > 0) {
				t.Errorf("%d keys, %v", len(keys), err)
			}
		})
	}
}

func many(k jose.JSONWebKey, n int) (all []any) {
	for range n {
		all = append(all, k)
	}
	return all
}

func TestHowOftenASetIsAskedFor(t *testing.T) {
	now, asked, away := time.Unix(0, 0), 0, false
	raw := document(t, key(t, "a").Public())
	s := &Remote{Every: time.Minute, Fetch: func(context.Context) ([]byte, error) {
		if asked++; away {
			return nil, errors.New("no route")
		}
		return raw, nil
	}}
	try := func(kid string) error {
		return s.Try(t.Context(), now, func(keys []jose.JSONWebKey) error {
			for _, k := range keys {
				if Fits(k, kid, jose.ES256) {
					return nil
				}
			}
			return ErrNoKey
		})
	}
	for _, step := range []struct {
		after time.Duration
		kid   string
		away  bool
		asked int
		want  error
	}{
		{0, "a", true, 1, ErrAway},
		{again - 1, "a", false, 1, ErrAway}, // after a failure it has a rest
		{1, "a", false, 2, nil},
		{1, "b", false, 2, ErrNoKey}, // a stranger's key id asks at most once in Every
		{time.Minute, "b", false, 3, ErrNoKey},
		{1, "c", false, 3, ErrNoKey},
		{fresh + 1, "a", true, 4, nil}, // what is known serves while it is away
		{kept, "a", true, 5, ErrAway},
	} {
		now, away = now.Add(step.after), step.away
		if err := try(step.kid); !errors.Is(err, step.want) || asked != step.asked {
			t.Errorf("%s after %v: %v, asked %d times", step.kid, step.after, err, asked)
		}
	}
}
