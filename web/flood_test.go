package web

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestFloodIsHeldBackPerAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, func(o *Options) { o.Flood = Flood{PerSecond: 1, Burst: 3} })
		for i := range 3 {
			if resp := h.ask("GET", "/page", ""); resp.StatusCode != 200 {
				t.Fatalf("request %d: %d", i, resp.StatusCode)
			}
		}
		for _, target := range []string{"/page", "/authorize", "/nowhere"} {
			if resp := h.ask("GET", target, ""); resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "1" {
				t.Errorf("%s: %d, Retry-After %q", target, resp.StatusCode, resp.Header.Get("Retry-After"))
			}
		}
		if resp := h.ask("GET", "/page", "", "X-Forwarded-For: 203.0.113.77"); resp.StatusCode != 429 {
			t.Error("a forged header got around the limit")
		}
		if resp := h.ask("GET", "/page", "", "Peer: 198.51.100.10:1"); resp.StatusCode != 200 {
			t.Error("another address pays for it")
		}
		if resp := h.ask("GET", "/jwks", ""); resp.StatusCode != 200 {
			t.Error("public keys are withheld")
		}
		if resp := h.ask("POST", "/token", "a=b"); resp.StatusCode != 200 {
			t.Error("a panel is taken for a browser")
		}
		time.Sleep(time.Second)
		if resp := h.ask("GET", "/page", ""); resp.StatusCode != 200 {
			t.Error("refused requests still cost after the wait")
		}
	})
}

func TestFloodMemoryIsBounded(t *testing.T) {
	l := newLimiter(Flood{PerSecond: 1, Burst: 1})
	l.keep = 100
	now := time.Now()
	l.wait("known", now)
	for i := range 150 {
		l.wait(fmt.Sprint(i), now)
	}
	if l.wait("known", now) == 0 {
		t.Error("an address of the last generation was forgotten")
	}
	for i := range 10000 {
		l.wait(fmt.Sprint(i), now)
		if n := len(l.recent) + len(l.previous); n > 200 {
			t.Fatalf("%d addresses remembered", n)
		}
	}
}

func TestFloodCanBeSwitchedOff(t *testing.T) {
	l := newLimiter(Flood{PerSecond: -1})
	for range 10000 {
		if l.wait("a", time.Now()) != 0 {
			t.Fatal("limited")
		}
	}
}
