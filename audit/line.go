package audit

import (
	"encoding/json"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage"
)

// line is a record as `soglia audit tail` prints it; docs/conventions.md explains the members. Empty ones are left out.
type line struct {
	At        time.Time       `json:"time"`
	ID        string          `json:"id"`
	Name      string          `json:"event"`
	Outcome   string          `json:"outcome"`
	Reason    string          `json:"reason,omitempty"`
	Why       string          `json:"why,omitempty"` // in words; not stored
	Actor     string          `json:"actor,omitempty"`
	PersonID  string          `json:"subject,omitempty"`
	ClientID  string          `json:"client,omitempty"`
	SessionID string          `json:"session,omitempty"`
	IP        string          `json:"ip,omitempty"`
	UserAgent string          `json:"user_agent,omitempty"`
	RequestID string          `json:"request,omitempty"`
	Detail    json.RawMessage `json:"detail,omitempty"`
}

// Line is the record as one line of JSON, with its newline. Times are RFC 3339 in UTC. Detail that is not JSON, which
// only a damaged database can hold, is left out.
func Line(ev *storage.Event) []byte {
	l := line{
		At: ev.At.UTC(), ID: ev.ID, Name: ev.Name, Outcome: ev.Outcome, Reason: ev.Reason, Why: why(ev), Actor: ev.Actor,
		PersonID: ev.PersonID, ClientID: ev.ClientID, SessionID: ev.SessionID, IP: ev.IP, UserAgent: ev.UserAgent,
		RequestID: ev.RequestID,
	}
	if json.Valid(ev.Detail) {
		l.Detail = ev.Detail
	}
	out, err := json.Marshal(l)
	if err != nil { // a year beyond 9999: no other member can fail
		l.At = time.Time{}
		out, _ = json.Marshal(l)
	}
	return append(out, '\n')
}

// why is the sentence of the rule behind a decision, or behind a step that was asked for: the one that `soglia explain` prints.
// "" = the record is about none.
func why(ev *storage.Event) string {
	rule := ev.Reason
	switch ev.Name {
	case AuthzGranted, AuthzDenied:
	case MFASent, MFAOK, MFAFail:
		var detail struct {
			Because string `json:"because"`
		}
		if json.Unmarshal(ev.Detail, &detail) != nil {
			return ""
		}
		rule = detail.Because
	default:
		return ""
	}
	return acr.Reason(rule).Words()
}
