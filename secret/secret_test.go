package secret

import (
	"bytes"
	"strings"
	"testing"
)

func TestBoxOpensOnlyInItsPlace(t *testing.T) {
	b, err := NewBox(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	sealed := b.Seal([]byte("JBSWY3DP"), "factor", "u1", "f1")
	if plain, err := b.Open(sealed, "factor", "u1", "f1"); err != nil || string(plain) != "JBSWY3DP" {
		t.Fatalf("Open = %q, %v", plain, err)
	}
	other, _ := NewBox(bytes.Repeat([]byte{8}, 32))
	for name, open := range map[string]func() ([]byte, error){
		"another row":        func() ([]byte, error) { return b.Open(sealed, "factor", "u1", "f2") },
		"parts run together": func() ([]byte, error) { return b.Open(sealed, "factor", "u1f", "1") },
		"another master key": func() ([]byte, error) { return other.Open(sealed, "factor", "u1", "f1") },
		"cut off":            func() ([]byte, error) { return b.Open(sealed[:10], "factor", "u1", "f1") },
		"tampered":           func() ([]byte, error) { s := bytes.Clone(sealed); s[20] ^= 1; return b.Open(s, "factor", "u1", "f1") },
	} {
		if plain, err := open(); err != ErrSealed || plain != nil {
			t.Errorf("%s: Open = %q, %v; want ErrSealed", name, plain, err)
		}
	}
}

func TestShortMasterKeyIsRefused(t *testing.T) {
	if _, err := NewBox([]byte("short")); err == nil {
		t.Error("a 5-byte master key was accepted")
	}
}

func TestSecretsUseUnreservedCharactersOnly(t *testing.T) {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	for _, s := range []string{New("sog_rt_"), NewID(), RecoveryCode(), Digits(6)} {
		if strings.Trim(s, unreserved) != "" {
			t.Errorf("%q has a reserved character", s)
		}
	}
	if got := len(NewID()); got != 26 {
		t.Errorf("NewID has %d characters", got)
	}
	if got := len(RecoveryCode()); got != 19 {
		t.Errorf("RecoveryCode has %d characters", got)
	}
}
