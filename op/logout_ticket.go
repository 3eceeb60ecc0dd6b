package op

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/soglia-sso/soglia/storage"
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
	Client  string      `json:"c,omitempty"`
	Back    string      `json:"b,omitempty"` // as registered, without state
	State   string      `json:"t,omitempty"`
	Subject string      `json:"s,omitempty"` // of the hint
	Sid     string      `json:"i,omitempty"` // of the hint
	Wrong   string      `json:"w,omitempty"`
	Framed  [][2]string `json:"f,omitempty"` // client and sid of the stays to be told of in frames
	Until   int64       `json:"u"`
}

func (p *Provider) sealTicket(out *logoutRequest, purpose string) string {
	t := ticket{Client: out.ClientID, Wrong: out.wrong, Until: p.now().Add(ticketLife).Unix()}
	if out.back {
		t.Back, t.State = out.PostLogoutRedirectURI, out.State
	}
	if out.hint != nil {
		t.Subject, t.Sid = out.hint.Subject, out.hint.Sid
	}
	for _, stay := range out.framed {
		t.Framed = append(t.Framed, [2]string{stay.ClientID, stay.Sid})
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
		out = &logoutRequest{wrong: wrong}
	}
	for _, stay := range t.Framed {
		out.framed = append(out.framed, storage.ClientSession{ClientID: stay[0], Sid: stay[1]})
	}
	return out
}

// Front-channel logout (OIDC Front-Channel Logout 1.0), for panels that have no server to be told: the page that ends a
// sign-out in this browser loads an address of each in a hidden frame, with iss and sid. The panel's cookie is where the
// person sits, so only the session of this browser is told of, and no other end of a stay is: those are for the back
// channel. Which panels these are is known from the statement that ended the session.

// framed are the stays of one session at clients that are told by a frame.
func (v *view) framed(told []storage.ClientSession, session string) []storage.ClientSession {
	var out []storage.ClientSession
	for _, stay := range told {
		if c := v.clients[stay.ClientID]; stay.SessionID == session && c != nil && c.FrontchannelLogoutURI != "" {
			out = append(out, storage.ClientSession{ClientID: stay.ClientID, Sid: stay.Sid})
		}
	}
	return out
}

// frames are the addresses to load, in the configuration of the moment (OIDC Front-Channel Logout §3).
func (v *view) frames(stays []storage.ClientSession) []string {
	var out []string
	for _, stay := range stays {
		if c := v.clients[stay.ClientID]; c != nil && c.FrontchannelLogoutURI != "" {
			out = append(out, withQuery(c.FrontchannelLogoutURI, []field{{"iss", v.cfg.Issuer}, {"sid", stay.Sid}}))
		}
	}
	return out
}

// SignedOut is where a browser goes whose session another package ended on the person's word, by a form: the page that says
// so. told is what the end returned.
func (p *Provider) SignedOut(session string, told []storage.ClientSession) string {
	return p.doneAt(&logoutRequest{framed: p.view().framed(told, session)})
}

// doneAt is the page after a form that signed out. Only what it has to know travels with it, sealed.
func (p *Provider) doneAt(out *logoutRequest) string {
	if !out.back && len(out.framed) == 0 {
		return pathLogout + "/done"
	}
	return pathLogout + "/done?ticket=" + p.sealTicket(out, forDone)
}
