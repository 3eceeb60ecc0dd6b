package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// appCode is what an authenticator app shows (RFC 6238: SHA-1, six digits, thirty seconds).
func appCode(key string, at time.Time) (string, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.TrimRight(key, "=")))
	if err != nil {
		return "", err
	}
	h := hmac.New(sha1.New, raw)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := h.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[19]&15:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1000000), nil
}

func withCode(v url.Values, name, key string, at time.Time) (url.Values, error) {
	if key == "" {
		return nil, errors.New("a code is asked of a person whose app is not known here")
	}
	code, err := appCode(key, at)
	v.Set(name, code)
	return v, err
}
