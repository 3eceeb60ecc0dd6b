package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/soglia-sso/soglia/storage/storagetest"
)

// readmeCommands are the five of the README.
func readmeCommands(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)five commands\n```\n(.*?)\n```").FindSubmatch(text)
	if m == nil {
		t.Fatal("README.md has no block of five commands")
	}
	lines := strings.Split(string(m[1]), "\n")
	if len(lines) != 5 {
		t.Fatalf("%d commands, want five", len(lines))
	}
	return lines
}

// installation is a server made by the README's commands in a folder of its own.
type installation struct {
	dir, address, password string
	serve                  *exec.Cmd
	log                    bytes.Buffer
	front                  http.RoundTripper // nil = a proxy has the certificate, and speaks plain HTTP to the server
}

// install runs the README's commands. Only two things are not to the letter: the program is built where the sources are,
// and the port is one that nobody uses, because tests share a machine.
func install(t *testing.T, storage string, changes ...func(*installation)) *installation {
	t.Helper()
	commands := readmeCommands(t)
	in := &installation{dir: t.TempDir()}
	build := strings.Replace(commands[0], "-o soglia ", "-o "+filepath.Join(in.dir, "soglia")+" ", 1)
	in.run(t, "../..", build)
	initialise := commands[1]
	if storage != "" {
		initialise += " --storage '" + storage + "'"
	}
	in.run(t, in.dir, initialise)
	for name, mode := range map[string]os.FileMode{"soglia.yaml": 0o600, "master.key": 0o600, "panel.secret": 0o600, "soglia.schema.json": 0o600, "soglia.service": 0o600} {
		if at, err := os.Stat(filepath.Join(in.dir, name)); err != nil || at.Mode() != mode {
			t.Errorf("%s: %v, %v", name, at.Mode(), err)
		}
	}
	in.movePort(t)
	for _, change := range changes {
		change(in)
	}
	out := in.run(t, in.dir, commands[2]+"\n./soglia check\n"+commands[3])
	m := regexp.MustCompile(`password, shown only now: (\S+)`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no password in %q", out)
	}
	in.password = m[1]
	in.serve = exec.Command("sh", "-c", commands[2]+"\nexec "+commands[4])
	in.serve.Dir, in.serve.Stderr = in.dir, &in.log
	if err := in.serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.serve.Process.Kill(); in.serve.Wait() })
	in.untilReady(t, 0)
	return in
}

func (in *installation) run(t *testing.T, dir, text string) string {
	t.Helper()
	c := exec.Command("sh", "-ec", text)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", text, err, out)
	}
	return string(out)
}

func (in *installation) movePort(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	in.address = l.Addr().String()
	l.Close()
	file := filepath.Join(in.dir, "soglia.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.Replace(text, []byte("127.0.0.1:8480"), []byte(in.address), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

// untilReady asks healthcheck until it exits with want.
func (in *installation) untilReady(t *testing.T, want int) {
	t.Helper()
	for range 600 {
		c := exec.Command("./soglia", "healthcheck", "--admin", "unix:"+filepath.Join(in.dir, "admin.sock"))
		c.Dir = in.dir
		c.Run()
		if c.ProcessState.ExitCode() == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("healthcheck never exits with %d:\n%s", want, in.log.String())
}

// RoundTrip is the proxy with TLS in front, or the server itself, and the panel's own address.
func (in *installation) RoundTrip(r *http.Request) (*http.Response, error) {
	if in.front != nil {
		return in.front.RoundTrip(r)
	}
	out := r.Clone(r.Context())
	out.Host, out.URL.Scheme, out.URL.Host = r.URL.Host, "http", in.address
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err == nil {
		resp.Request = r // what the browser asked for
	}
	return resp, err
}

// relyingParty is a panel: thirty lines on a library that is not ours.
func relyingParty(ctx context.Context, issuer, id, secret, redirect string) (http.Handler, error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, err
	}
	config := oauth2.Config{ClientID: id, ClientSecret: secret, RedirectURL: redirect, Endpoint: provider.Endpoint(), Scopes: []string{"openid", "email"}}
	verifier := oauth2.GenerateVerifier() // one browser at a time
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, config.AuthCodeURL("a-state", oidc.Nonce("a-nonce"), oauth2.S256ChallengeOption(verifier)), http.StatusFound)
	})
	mux.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) {
		token, err := config.Exchange(ctx, r.FormValue("code"), oauth2.VerifierOption(verifier))
		if err != nil || r.FormValue("state") != "a-state" {
			http.Error(w, fmt.Sprint(err), http.StatusBadRequest)
			return
		}
		raw, _ := token.Extra("id_token").(string)
		verified, err := provider.Verifier(&oidc.Config{ClientID: id}).Verify(ctx, raw)
		if err != nil || verified.Nonce != "a-nonce" {
			http.Error(w, fmt.Sprint(err), http.StatusBadRequest)
			return
		}
		var claims map[string]any
		if err := verified.Claims(&claims); err == nil {
			json.NewEncoder(w).Encode(claims)
		}
	})
	return mux, nil
}

// signIn lets the person sign in at the panel and returns what the panel learnt.
func (in *installation) signIn(t *testing.T) map[string]any {
	t.Helper()
	secret, err := os.ReadFile(filepath.Join(in.dir, "panel.secret"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := oidc.ClientContext(t.Context(), &http.Client{Transport: in})
	panel, err := relyingParty(ctx, "https://sso.example.it", "panel", strings.TrimSpace(string(secret)), "https://panel.example.it/callback")
	if err != nil {
		t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar, Transport: split{in, panel}}
	at, page := read(t, browser, "https://panel.example.it/", nil)
	action := regexp.MustCompile(`action="([^"]*/password)"`).FindStringSubmatch(page)
	if action == nil {
		t.Fatalf("%s shows no sign-in form:\n%s", at, page)
	}
	target, err := at.Parse(action[1])
	if err != nil {
		t.Fatal(err)
	}
	at, page = read(t, browser, target.String(), url.Values{"username": {"anna"}, "password": {in.password}})
	leave := regexp.MustCompile(`href="(https://panel\.example\.it/callback[^"]*)"`).FindStringSubmatch(page)
	if leave == nil {
		t.Fatalf("%s leads nowhere:\n%s", at, page)
	}
	_, page = read(t, browser, strings.ReplaceAll(leave[1], "&amp;", "&"), nil)
	var claims map[string]any
	if err := json.Unmarshal([]byte(page), &claims); err != nil {
		t.Fatalf("the panel says %s", page)
	}
	return claims
}

// split sends what is for the panel to the panel.
type split struct {
	sso   http.RoundTripper
	panel http.Handler
}

func (s split) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "panel.example.it" {
		return s.sso.RoundTrip(r)
	}
	w := httptest.NewRecorder()
	s.panel.ServeHTTP(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func read(t *testing.T, browser *http.Client, to string, form url.Values) (*url.URL, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", to, nil)
	if form != nil {
		r, err = http.NewRequestWithContext(t.Context(), "POST", to, strings.NewReader(form.Encode()))
	}
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", r.URL.Scheme+"://"+r.URL.Host)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	resp, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.Request.URL, body.String()
}

func TestTheFiveCommandsOfTheReadmeMakeAServerThatSignsIn(t *testing.T) {
	for name, storage := range map[string]func(testing.TB) string{
		"sqlite":   func(testing.TB) string { return "" },
		"postgres": storagetest.Postgres,
	} {
		t.Run(name, func(t *testing.T) {
			in := install(t, storage(t))
			claims := in.signIn(t)
			if claims["acr"] != "sfa" || claims["iss"] != "https://sso.example.it" || claims["sub"] == "" {
				t.Errorf("claims %v", claims)
			}
			in.stopUnderLoad(t)
		})
	}
}

// stopUnderLoad is R16 as a load balancer sees it: it stops sending when readiness is off, and not one answer that was
// begun is lost.
func (in *installation) stopUnderLoad(t *testing.T) {
	t.Helper()
	balancer := &http.Client{Transport: in, Timeout: 20 * time.Second}
	ready, answered, aborted := make(chan struct{}), 0, []error{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				select {
				case <-ready:
					return
				default:
				}
				resp, err := balancer.Get("https://sso.example.it/.well-known/openid-configuration")
				if err == nil {
					var body bytes.Buffer
					_, err = body.ReadFrom(resp.Body)
					resp.Body.Close()
					if err == nil && resp.StatusCode != 200 {
						err = errors.New(resp.Status)
					}
				}
				mu.Lock()
				answered++
				if err != nil {
					aborted = append(aborted, err)
				}
				mu.Unlock()
			}
		})
	}
	begin := time.Now()
	if err := in.serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	in.untilReady(t, 1)
	close(ready)
	wg.Wait()
	err := in.serve.Wait()
	if took := time.Since(begin); took > drain+5*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	if err != nil {
		t.Errorf("exit: %v\n%s", err, in.log.String())
	}
	if len(aborted) > 0 || answered == 0 {
		t.Errorf("of %d answers %d were lost: %v", answered, len(aborted), errors.Join(aborted...))
	}
	in.untilReady(t, 2) // nobody there
}
