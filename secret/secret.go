// Package secret makes, hashes and seals the secrets Soglia keeps.
//
// It owns the forms at rest: 256-bit secrets as SHA-256, short codes as keyed HMAC, things that must be read again
// (TOTP keys, queued messages, signing keys) as AEAD. It leaves passwords to user (argon2id) and keys' rotation to op.
//
// Easy to get wrong: the associated data. A sealed value opens only with the same context (table, row, person), so a
// value copied to another row is worthless.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// ErrSealed is returned when a value does not open: wrong master key, wrong row, or tampered with.
var ErrSealed = errors.New("secret: value cannot be opened with this key in this place")

var lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// New returns prefix followed by 256 random bits, unreserved characters only (RFC 3986 §2.3).
func New(prefix string) string { return prefix + base64.RawURLEncoding.EncodeToString(random(32)) }

// NewID returns 128 random bits in lower-case base32: 26 characters without ':' or case.
func NewID() string { return lower.EncodeToString(random(16)) }

// Hash is the stored form of a 256-bit secret.
func Hash(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

// Digits returns n uniformly random decimal digits.
func Digits(n int) string {
	var b strings.Builder
	for range n {
		d, err := rand.Int(rand.Reader, big.NewInt(10))
		if err != nil {
			panic(err) // crypto/rand never fails on supported systems (Go 1.24)
		}
		b.WriteByte(byte('0' + d.Int64()))
	}
	return b.String()
}

// RecoveryCode returns 80 random bits as four groups of four characters.
func RecoveryCode() string {
	s := lower.EncodeToString(random(10))
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// Box seals and authenticates with keys derived from one master key.
type Box struct {
	id   uint32
	aead cipher.AEAD
	mac  []byte
}

// NewBox derives a box from a master key of at least 32 bytes.
func NewBox(master []byte) (*Box, error) {
	if len(master) < 32 {
		return nil, fmt.Errorf("secret: master key has %d bytes, needs at least 32", len(master))
	}
	derive := func(info string) []byte {
		k, err := hkdf.Key(sha256.New, master, nil, "soglia "+info, 32)
		if err != nil {
			panic(err) // only for lengths beyond 255 hashes
		}
		return k
	}
	block, err := aes.NewCipher(derive("seal"))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Box{id: binary.BigEndian.Uint32(derive("id")), aead: aead, mac: derive("mac")}, nil
}

// ID names the master key: what was derived from another one cannot be derived here.
func (b *Box) ID() uint32 { return b.id }

// Seal encrypts plain for one place, named by context (table, row, person).
func (b *Box) Seal(plain []byte, context ...string) []byte {
	out := binary.BigEndian.AppendUint32(nil, b.id)
	nonce := random(b.aead.NonceSize())
	out = append(out, nonce...)
	return b.aead.Seal(out, nonce, plain, place(context))
}

// Open reverses Seal; the context must be the same.
func (b *Box) Open(sealed []byte, context ...string) ([]byte, error) {
	n := b.aead.NonceSize()
	if len(sealed) < 4+n || binary.BigEndian.Uint32(sealed) != b.id {
		return nil, ErrSealed
	}
	plain, err := b.aead.Open(nil, sealed[4:4+n], sealed[4+n:], place(context))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// MAC is the stored form of a low-entropy value, and the way to derive ids that only we can compute.
func (b *Box) MAC(context ...string) []byte {
	h := hmac.New(sha256.New, b.mac)
	h.Write(place(context))
	return h.Sum(nil)
}

// place joins parts unambiguously: each is preceded by its length.
func place(parts []string) []byte {
	var out []byte
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p)))
		out = append(out, p...)
	}
	return out
}
