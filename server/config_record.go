package server

import (
	"context"
	"log/slog"

	"github.com/soglia-sso/soglia/audit"
)

// RecordConfig records that a configuration was put in force, or, with an error, that one was refused and the old one stays.
// When is "start" or "reload". It is for whoever reads the file: a server made in a test has no file.
//
// What was wrong is in the log and in the operator's answer; a record is kept for longer than a mistake is of interest.
func (s *Server) RecordConfig(ctx context.Context, when string, refused error) {
	outcome := audit.OK
	if refused != nil {
		outcome = audit.Fail
	}
	ev := audit.From(ctx).Event(audit.ConfigLoaded, outcome, when)
	ev.At, ev.Actor = s.Store.Now(), "operator"
	if err := s.Store.Append(ctx, ev); err != nil {
		s.Log.LogAttrs(ctx, slog.LevelError, "audit record lost", slog.String("event", ev.Name), slog.Any("error", err))
	}
}
