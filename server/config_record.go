package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/soglia-sso/soglia/audit"
)

// Operator is who acts on the server itself: the system's user, and behind sudo the one who called it.
type Operator struct {
	UID  int  `json:"uid"`
	Sudo *int `json:"sudo_uid,omitempty"`
}

// OperatorHeader is where our own commands tell the admin listener who runs them, as JSON of an Operator.
const OperatorHeader = "Soglia-Operator"

// operatorOf is who says to ask; nil = nobody says.
func operatorOf(r *http.Request) (by *Operator) {
	if err := json.Unmarshal([]byte(r.Header.Get(OperatorHeader)), &by); err != nil {
		return nil
	}
	return by
}

// RecordConfig records that a configuration was put in force, or, with an error, that one was refused and the old one stays.
// When is "start" or "reload", by who wanted it (nil = nobody said). It is called where the file is read: a server made in
// a test has none.
//
// What was wrong is in the log and in the operator's answer, not in the record, which is kept for years.
func (s *Server) RecordConfig(ctx context.Context, when string, by *Operator, refused error) {
	outcome := audit.OK
	if refused != nil {
		outcome = audit.Fail
	}
	ev := audit.From(ctx).Event(audit.ConfigLoaded, outcome, when)
	ev.At, ev.Actor = s.Store.Now(), "operator"
	if by != nil {
		ev.Detail, _ = json.Marshal(by) // numbers
	}
	if err := s.Store.Append(ctx, ev); err != nil {
		s.Log.LogAttrs(ctx, slog.LevelError, "audit record lost", slog.String("event", ev.Name), slog.Any("error", err))
	}
}
