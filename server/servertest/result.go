package servertest

import (
	"encoding/json"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Result is what came back to the redirect URI.
type Result struct {
	Error       string // error code of the answer; "" = success
	Description string
	Iss         string
	State       string
	Code        string
	Verifier    string

	Token    *oauth2.Token
	IDToken  *oidc.IDToken
	Claims   map[string]any // of the ID token
	UserInfo map[string]any
	Scope    string // of the token answer
}

// RawIDToken is the ID token as it came.
func (r *Result) RawIDToken() string {
	s, _ := r.Token.Extra("id_token").(string)
	return s
}

// Acr is the acr of the ID token.
func (r *Result) Acr() string {
	s, _ := r.Claims["acr"].(string)
	return s
}

// Amr are the methods of the ID token, joined by spaces.
func (r *Result) Amr() string {
	var out []string
	list, _ := r.Claims["amr"].([]any)
	for _, m := range list {
		s, _ := m.(string)
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// AuthTime is auth_time of the ID token, in seconds; 0 when absent.
func (r *Result) AuthTime() int64 {
	switch v := r.Claims["auth_time"].(type) {
	case float64:
		return int64(v)
	case json.Number:
		n, _ := v.Int64()
		return n
	}
	return 0
}

// Scoped reports whether the token answer grants a scope.
func (r *Result) Scoped(name string) bool {
	for s := range strings.FieldsSeq(r.Scope) {
		if s == name {
			return true
		}
	}
	return false
}
