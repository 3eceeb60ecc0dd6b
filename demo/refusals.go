package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// refusals is a log that tells in the terminal what was refused to a panel, one line each: whoever tries a panel of
// their own looks there, and the page they see must not say what is wrong with the panel.
type refusals struct {
	out    io.Writer
	server string // whose lines these are; the social provider's are not told
}

// endpoints are those that panels' programs call.
var endpoints = []string{"/token", "/introspect", "/revoke", "/userinfo", "/end_session"}

func (h refusals) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (h refusals) WithGroup(string) slog.Handler { return h }

func (h refusals) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		if a.Key == "server" {
			h.server = a.Value.String()
		}
	}
	return h
}

func (h refusals) Handle(_ context.Context, r slog.Record) error {
	said := map[string]string{}
	r.Attrs(func(a slog.Attr) bool {
		said[a.Key] = a.Value.String()
		return true
	})
	if line := refusalLine(r.Message, said, r.Level); line != "" && h.server == "sso" {
		fmt.Fprintln(h.out, "  refused: "+line)
	}
	return nil
}

// refusalLine is the line for a record; "" = none.
func refusalLine(message string, said map[string]string, level slog.Level) string {
	switch {
	case message == "authorization request refused":
		return fmt.Sprintf("%s of client %q: %s", said["error"], said["client"], said["why"])
	case said["redirect_uri"] != "":
		return fmt.Sprintf("redirect URI %s is not registered for client %q; the nearest one is %s", said["redirect_uri"], said["client"], said["nearest"])
	case strings.HasPrefix(message, "authorization request from an unknown"):
		return fmt.Sprintf("there is no client %q", said["client"])
	case message == "request" && said["status"] >= "400" && slices.Contains(endpoints, said["route"]):
		return strings.TrimSpace(fmt.Sprintf("%s %s: %s %s %s", said["method"], said["route"], said["status"], said["code"], said["cause"]))
	case message != "request" && level >= slog.LevelWarn:
		return message
	}
	return ""
}
