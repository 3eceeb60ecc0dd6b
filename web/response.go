package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"
)

// response is a ResponseWriter that remembers what was answered, and corrects the headers just before they are sent.
type response struct {
	http.ResponseWriter
	cookies bool // may be set
	stray   bool // a cookie was set where none may be
	status  int
}

// Unwrap lets http.ResponseController through.
func (a *response) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *response) WriteHeader(status int) {
	if a.status != 0 {
		return
	}
	if status < 200 {
		a.ResponseWriter.WriteHeader(status)
		return
	}
	a.status = status
	h := a.Header()
	if !a.cookies && len(h["Set-Cookie"]) > 0 {
		a.stray = true
		h.Del("Set-Cookie") // W05
	}
	if status >= 400 {
		h.Set("Cache-Control", "no-store")
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *response) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(b)
}

// FlushError lets http.ResponseController flush, after our last word on headers.
func (a *response) FlushError() error {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return http.NewResponseController(a.ResponseWriter).Flush()
}

// statusClientGone is the status in the log of a request whose sender did not wait for the answer.
const statusClientGone = 499

// record writes the one log line of a request: the route's pattern and not the path, no query, no Referer, no cookie, and
// the cause of an error, which nobody else is told.
func (s *Site) record(r *http.Request, v *requestInfo, a *response, e *Error, begin, end time.Time) {
	status, level, took := a.status, slog.LevelInfo, end.Sub(begin)
	if status == 0 {
		status = statusClientGone
	}
	if v.route.Document && status < 400 {
		level = slog.LevelDebug // thousands a second, about nobody
	}
	if s.observe != nil {
		s.observe(v.route.Pattern, method(r.Method), status, took)
	}
	if a.stray {
		level = slog.LevelWarn
	}
	if status >= 500 || a.status != 0 && e != nil && e.Status >= 500 {
		level = slog.LevelError
	}
	if !s.log.Enabled(r.Context(), level) {
		return
	}
	r = v.begin(r)                                   // a line names its request and sender, a document's too
	line := slog.NewRecord(end, level, "request", 0) // made by hand to leave out the source line, which is always this one
	line.AddAttrs(
		slog.String("method", method(r.Method)), slog.String("route", v.route.Pattern), slog.Int("status", status),
		slog.Duration("took", took), slog.String("request", v.id), slog.String("ip", ipText(v.ip)),
	)
	if e != nil {
		line.AddAttrs(slog.String("code", e.Code))
		if e.Cause != nil {
			line.AddAttrs(slog.String("cause", e.Cause.Error()))
		}
	}
	if a.stray {
		line.AddAttrs(slog.Bool("stray_cookie", true))
	}
	s.log.Handler().Handle(r.Context(), line)
}

// method bounds what a stranger can write into the log.
func method(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT":
		return m
	}
	return "other"
}

func ipText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
