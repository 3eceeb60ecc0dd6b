package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestN02FormsAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		header []string
		want   int
	}{
		"ordinary":                 {"a=b&c=d", nil, 200},
		"charset":                  {"a=b", []string{"Content-Type: application/x-www-form-urlencoded; charset=UTF-8"}, 200},
		"other charset":            {"a=b", []string{"Content-Type: application/x-www-form-urlencoded; charset=latin1"}, 415},
		"100 parameters":           {strings.Repeat("a=b&", 99) + "a=b", nil, 200},
		"101 parameters":           {strings.Repeat("a=b&", 100) + "a=b", nil, 400},
		"30 000 parameters":        {strings.Repeat("&", 30000), nil, 400},
		"64 KiB":                   {"a=" + strings.Repeat("b", maxBody-2), nil, 200},
		"64 KiB and a byte":        {"a=" + strings.Repeat("b", maxBody-1), nil, 413},
		"20 MB":                    {"a=" + strings.Repeat("b", 20<<20), nil, 413},
		"multipart":                {"--x", []string{"Content-Type: multipart/form-data; boundary=x"}, 415},
		"JSON":                     {`{"a":1}`, []string{"Content-Type: application/json"}, 415},
		"no type":                  {"a=b", []string{"Content-Type: "}, 415},
		"gzip":                     {"a=b", []string{"Content-Encoding: gzip"}, 415},
		"NUL":                      {"a=b%00c", nil, 400},
		"NUL in a name":            {"a%00=b", nil, 400},
		"not UTF-8":                {"a=%ff", nil, 400},
		"broken escape":            {"a=%zz", nil, 400},
		"semicolon":                {"a=b;c=d", nil, 400},
		"the same parameter twice": {"a=b&a=c", nil, 200},
	} {
		resp := open(t).ask("POST", "/token", c.body, c.header...)
		if body := text(resp); resp.StatusCode != c.want {
			t.Errorf("%s: %d %s, want %d", name, resp.StatusCode, body, c.want)
		}
	}
}

func TestFormOfUnknownLengthIsBoundedToo(t *testing.T) {
	r := httptest.NewRequest("POST", "/", http.NoBody)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Body, r.ContentLength = http.MaxBytesReader(nil, readCloser{strings.NewReader(strings.Repeat("a", 1<<20))}, 1<<30), -1
	var e *Error
	if _, err := Form(httptest.NewRecorder(), r); !errors.As(err, &e) || e.Status != 413 {
		t.Errorf("%v", err)
	}
}

// Of what is refused no more is read than it takes to know, and nothing at all when its length or type says it.
func TestN02WhatIsRefusedIsNotRead(t *testing.T) {
	for name, c := range map[string]struct {
		announced int64
		kind      string
		most      int
	}{
		"20 MB, announced":     {20 << 20, "application/x-www-form-urlencoded", 0},
		"20 MB, not announced": {-1, "application/x-www-form-urlencoded", maxBody + 1},
		"another type":         {20 << 20, "multipart/form-data; boundary=x", 0},
		"no type":              {-1, "", 0},
	} {
		r := httptest.NewRequest("POST", "https://sso.example.it/token", http.NoBody)
		body := &counted{left: 20 << 20}
		r.Body, r.ContentLength = body, c.announced
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		open(t).ServeHTTP(w, r)
		if w.Code != 413 && w.Code != 415 || body.read > c.most {
			t.Errorf("%s: %d after %d bytes", name, w.Code, body.read)
		}
	}
}

// counted is an endless form that knows how much of it was read.
type counted struct{ left, read int }

func (c *counted) Read(p []byte) (int, error) {
	n := min(len(p), c.left-c.read)
	if n == 0 {
		return 0, io.EOF
	}
	for i := range p[:n] {
		p[i] = 'a'
	}
	c.read += n
	return n, nil
}

func (c *counted) Close() error { return nil }

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func TestFormNeverReadsTheURL(t *testing.T) {
	r := httptest.NewRequest("POST", "/?client_secret=s", strings.NewReader("a=b"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	v, err := Form(httptest.NewRecorder(), r)
	if err != nil || v.Has("client_secret") || v.Get("a") != "b" {
		t.Errorf("Form = %v, %v", v, err)
	}
	if again, err := Form(httptest.NewRecorder(), r); err != nil || again.Get("a") != "b" {
		t.Errorf("the second reading = %v, %v", again, err)
	}
}
