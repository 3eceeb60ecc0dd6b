package web

import (
	"log/slog"
	"net/http"
	"time"
)

// Server is an HTTP server with the time-outs and bounds of docs/security.md. What net/http itself complains of (handshakes,
// broken connections) is noise that strangers make, and is logged at debug level.
func Server(addr string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		// net/http adds 4 KiB of its own to this.
		MaxHeaderBytes:               maxHeader - 4<<10,
		HTTP2:                        &http.HTTP2Config{MaxConcurrentStreams: 100, MaxReadFrameSize: 16 << 10},
		DisableGeneralOptionsHandler: true, // "OPTIONS *" gets our headers too
		ErrorLog:                     slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
}
