package op

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/soglia-sso/soglia/tokens"
)

// ticketLife is how long a request to sign out may take from its POST to the person's answer.
const ticketLife = 10 * time.Minute

// What a ticket is for: /end_session asks, /end_session/done leaves for the panel.
const (
	forLogout = "end_session"
	forDone   = "end_session done"
)

// ticket is a logoutRequest on its way through the browser: sealed, so that nobody else can make one.
type ticket struct {
	Client  string `json:"c,omitempty"`
	Back    string `json:"b,omitempty"` // as registered, without state
	State   string `json:"t,omitempty"`
	Subject string `json:"s,omitempty"` // of the hint
	Sid     string `json:"i,omitempty"` // of the hint
	Wrong   string `json:"w,omitempty"`
	Until   int64  `json:"u"`
}

func (p *Provider) sealTicket(out *logoutRequest, purpose string) string {
	t := ticket{Client: out.ClientID, Wrong: out.wrong, Until: p.now().Add(ticketLife).Unix()}
	if out.back {
		t.Back, t.State = out.PostLogoutRedirectURI, out.State
	}
	if out.hint != nil {
		t.Subject, t.Sid = out.hint.Subject, out.hint.Sid
	}
	raw, err := json.Marshal(t)
	if err != nil {
		panic(err) // strings and a number
	}
	return base64.RawURLEncoding.EncodeToString(p.Box.Seal(raw, purpose))
}

// openTicket reverses sealTicket; nil without one. The client must still be there, and still have that address.
func (p *Provider) openTicket(v *view, s, purpose string) *logoutRequest {
	if s == "" {
		return nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return &logoutRequest{wrong: "invalid_request"}
	}
	raw, err := p.Box.Open(sealed, purpose)
	var t ticket
	if err != nil || json.Unmarshal(raw, &t) != nil {
		return &logoutRequest{wrong: "invalid_request"}
	}
	if p.now().Unix() > t.Until {
		return &logoutRequest{wrong: "session_expired"}
	}
	out := &logoutRequest{wrong: t.Wrong}
	out.ClientID, out.PostLogoutRedirectURI, out.State = t.Client, t.Back, t.State
	if t.Subject != "" {
		out.hint = &tokens.Claims{Subject: t.Subject, Sid: t.Sid, Party: t.Client}
	}
	if wrong := out.leadsBack(v); wrong != "" {
		return &logoutRequest{wrong: wrong}
	}
	return out
}
