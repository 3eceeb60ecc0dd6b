package op

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/tokens"
)

// ticketLife is how long a request to sign out may take from its POST to the person's answer.
const ticketLife = 10 * time.Minute

// ticket is a logoutRequest, checked, on its way through the browser: sealed, so that nobody else can make one.
type ticket struct {
	Client  string `json:"c,omitempty"`
	Back    string `json:"b,omitempty"` // as registered, without state
	State   string `json:"t,omitempty"`
	Subject string `json:"s,omitempty"` // of the hint
	Sid     string `json:"i,omitempty"` // of the hint
	Until   int64  `json:"u"`
}

func (p *Provider) sealTicket(out *logoutRequest) string {
	t := ticket{Client: out.ClientID, Until: p.now().Add(ticketLife).Unix()}
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
	return base64.RawURLEncoding.EncodeToString(p.Box.Seal(raw, "end_session"))
}

// openTicket reverses sealTicket; nil without one. The client must still be there, and still have that address.
func (p *Provider) openTicket(v *view, s string) (*logoutRequest, error) {
	if s == "" {
		return nil, nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, logoutFailed("invalid_request")
	}
	raw, err := p.Box.Open(sealed, "end_session")
	var t ticket
	if err != nil || json.Unmarshal(raw, &t) != nil {
		return nil, logoutFailed("invalid_request")
	}
	if p.now().Unix() > t.Until {
		return nil, request.ErrGone
	}
	out := &logoutRequest{back: t.Back != ""}
	out.ClientID, out.PostLogoutRedirectURI, out.State = t.Client, t.Back, t.State
	if t.Sid != "" {
		out.hint = &tokens.Claims{Subject: t.Subject, Sid: t.Sid, Party: t.Client}
	}
	if t.Client != "" {
		if out.client = v.clients[t.Client]; out.client == nil {
			return nil, logoutFailed("invalid_client")
		}
	}
	if out.back && (out.client == nil || !registered(t.Back, out.client.PostLogoutRedirectURIs, out.client.Native)) {
		return nil, logoutFailed("invalid_post_logout_redirect_uri")
	}
	return out, nil
}
