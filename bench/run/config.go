package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// The server stands behind a proxy, as most do: its issuer is https, and the generator plays the proxy.
const (
	issuer   = "https://sso.bench.test"
	redirect = "https://panel.bench.test/cb"
	password = "una lanterna sul molo"
	accounts = 64
)

// settings are what both sides are told.
type settings struct {
	dir, yaml, peer string // folder and files
	listen, secret  string
	profile         string // socket
}

func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// writeSettings writes a server's configuration and the generator's. All of one folder share key and secret.
func writeSettings(dir, name, storage string, pool int) (*settings, error) {
	listen, err := free()
	if err != nil {
		return nil, err
	}
	kept := filepath.Join(dir, "master.key")
	key, err := os.ReadFile(kept)
	if err != nil {
		key = []byte(random(48))
	}
	at := filepath.Join(dir, name)
	s := &settings{dir: dir, yaml: at + ".yaml", peer: at + ".json", listen: listen, secret: string(key[:40]), profile: at + ".profile"}
	text := fmt.Sprintf(`version: 1
issuer: %s
listen: %s
admin: unix:%s
trusted_proxies: [127.0.0.0/8]
storage: {url: "%s", pool: %d}
secrets: {master_key: "${file:master.key}"}
signing: {access_token: ES256, id_token: ES256}
second_factor: {every_sign_in: when_chosen, contact_codes: never}
registration: {mode: closed, people_api: false}
home: panel
scopes:
  api: {title: {it: API, en: API}}
clients:
  - id: panel
    secret: {sha256: "%x"}
    redirect_uris: [%q]
    initiate_login_uri: https://panel.bench.test/login
    scopes: [openid, profile, email, offline_access]
  - id: app
    public: true
    redirect_uris: [%q]
    scopes: [openid, offline_access]
  - id: backend
    secret: {sha256: "%x"}
    grants: [client_credentials]
    scopes: [api]
`, issuer, listen, at+".admin", storage, pool, sha256.Sum256([]byte(s.secret)), redirect, redirect, sha256.Sum256([]byte(s.secret)))
	client := func(id, scope string) map[string]string {
		return map[string]string{"id": id, "secret": s.secret, "redirect": redirect, "scope": scope}
	}
	peer, err := json.MarshalIndent(map[string]any{
		"name": name, "issuer": issuer, "via": "http://" + listen, "driver": "form",
		"user": "user%d", "users": accounts, "app_user": "app%d", "password": password,
		"cc_jwt": client("backend", "api"), "web": client("panel", "openid profile email"), "refresh": client("panel", "openid offline_access"),
		"refresh_public": map[string]string{"id": "app", "auth": "post", "redirect": redirect, "scope": "openid offline_access"},
		"step_up_params": map[string]string{"acr_values": "mfa"},
	}, "", "  ")
	if err != nil {
		return nil, err
	}
	for file, content := range map[string]string{s.yaml: text, s.peer: string(peer), kept: string(key)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// floorPeer is the generator's configuration for the floor.
func floorPeer(dir, listen string) (string, error) {
	client := map[string]string{"id": "panel", "secret": "s", "redirect": redirect, "scope": "openid profile email"}
	text, err := json.Marshal(map[string]any{"name": "floor", "issuer": "http://" + listen, "driver": "form", "user": "u", "web": client, "cc_jwt": client})
	if err != nil {
		return "", err
	}
	at := filepath.Join(dir, "floor.json")
	return at, os.WriteFile(at, text, 0o600)
}
