package server

import (
	"encoding/json"
	"strings"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/storage"
)

// countEvent turns an audit record into numbers.
func (m *metrics) countEvent(ev *storage.Event) {
	switch ev.Name {
	case audit.AuthnOK:
		method, provider, _ := strings.Cut(ev.Reason, " ")
		m.logins.WithLabelValues(word(method), "ok").Inc()
		if provider != "" {
			m.federation.WithLabelValues(m.provider(provider), "ok").Inc()
		}
	case audit.AuthnFail:
		result := ev.Reason
		if rule, ok := strings.CutPrefix(ev.Reason, "throttled_"); ok {
			result = "throttled"
			m.limited.WithLabelValues("password_" + word(rule)).Inc()
		}
		m.logins.WithLabelValues(string(acr.Password), word(result)).Inc()
	case audit.IDPReject:
		m.logins.WithLabelValues("social", "fail").Inc()
		m.federation.WithLabelValues(m.provider(detail(ev, "provider")), word(ev.Reason)).Inc()
	case audit.MFASent:
		m.queued(word(ev.Reason))
	case audit.MFAOK:
		m.codesTried.WithLabelValues(word(ev.Reason), "ok").Inc()
		m.stepups.WithLabelValues(m.client(ev.ClientID), m.level(detail(ev, "acr")), "ok").Inc()
	case audit.MFAFail:
		m.codesTried.WithLabelValues(word(detail(ev, "method")), word(ev.Reason)).Inc()
		m.stepups.WithLabelValues(m.client(ev.ClientID), m.level(detail(ev, "acr")), "fail").Inc()
	case audit.MFAPaused:
		m.limited.WithLabelValues("factor").Inc()
	case audit.TokenIssued:
		grant := "authorization_code"
		if ev.PersonID == "" { // a panel's own token
			grant = "client_credentials"
		}
		m.tokens.WithLabelValues(grant).Inc()
	case audit.TokenRefreshed:
		m.tokens.WithLabelValues("refresh_token").Inc()
	case audit.LimitHit:
		m.limited.WithLabelValues(word(ev.Reason)).Inc()
	}
}

// word gives "other" for what cannot be a word of ours, so that a mistake elsewhere never makes a label of a stranger's text.
func word(s string) string {
	ours := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' }
	if s == "" || len(s) > 32 || strings.ContainsFunc(s, func(c rune) bool { return !ours(c) }) {
		return "other"
	}
	return s
}

// client, level and provider are labels only when the configuration knows them.
func (m *metrics) client(id string) string {
	if w := m.server.current.Load(); w != nil && w.config.Clients[id] != nil {
		return id
	}
	return "other"
}

func (m *metrics) level(name string) string {
	if w := m.server.current.Load(); w != nil {
		if l, ok := w.config.Policy.Level(name); ok {
			return l.Name
		}
	}
	return "other"
}

func (m *metrics) provider(name string) string {
	if w := m.server.current.Load(); w != nil && w.config.Provider(name) != nil {
		return name
	}
	return "other"
}

func detail(ev *storage.Event, key string) string {
	var d map[string]any
	if json.Unmarshal(ev.Detail, &d) != nil {
		return ""
	}
	s, _ := d[key].(string)
	return s
}
