package federation

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/endpoints"

	"github.com/soglia-sso/soglia/outbound"
)

// facebook speaks OAuth 2.0 and the Graph API. What it says rests on TLS and on our secret alone: there is no signed token,
// no nonce, no auth_time. So the access token is asked to be for our app and of the person that /me names, its mail address
// is never a verified one, and nobody re-authenticates there.
type facebook struct {
	settings Settings
	oauth    *oauth2.Config
	graph    string // https://graph.facebook.com/v22.0
	out      *outbound.Client
}

var graphVersion = regexp.MustCompile(`^v[1-9][0-9]?\.[0-9]$`)

func newFacebook(s Settings, out *outbound.Client) (provider, error) {
	if s.ClientID == "" || s.ClientSecret == "" || s.RedirectURI == "" {
		return nil, errors.New("app id, app secret and redirect URI are needed")
	}
	if len(s.Scopes) == 0 {
		s.Scopes = []string{"public_profile", "email"}
	}
	at := endpoints.Facebook
	at.AuthStyle = oauth2.AuthStyleInParams
	if s.Graph != "" {
		if !graphVersion.MatchString(s.Graph) {
			return nil, fmt.Errorf("graph %q is no version", s.Graph)
		}
		at.AuthURL = "https://www.facebook.com/" + s.Graph + "/dialog/oauth"
		at.TokenURL = "https://graph.facebook.com/" + s.Graph + "/oauth/access_token"
	}
	return &facebook{
		settings: s,
		oauth:    &oauth2.Config{ClientID: s.ClientID, ClientSecret: s.ClientSecret, Endpoint: at, RedirectURL: s.RedirectURI, Scopes: s.Scopes},
		graph:    strings.TrimSuffix(at.TokenURL, "/oauth/access_token"),
		out:      out,
	}, nil
}

func (d *facebook) authorize(_ context.Context, q question) (string, error) {
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(q.verifier)}
	if q.ask.Prompt == "login" {
		options = append(options, oauth2.SetAuthURLParam("auth_type", "reauthenticate"))
	}
	return d.oauth.AuthCodeURL(q.state, options...), nil
}

func (d *facebook) identify(ctx context.Context, a answer) (*Identity, error) {
	switch {
	case a.iss != "": // it never sends one: an answer of somebody else
		return nil, fmt.Errorf("%w: iss parameter", ErrInvalid)
	case a.failure != "":
		return nil, refusal(a.failure)
	case a.code == "":
		return nil, fmt.Errorf("%w: neither code nor error", ErrInvalid)
	}
	token, err := d.oauth.Exchange(context.WithValue(ctx, oauth2.HTTPClient, d.out.HTTP), a.code, oauth2.VerifierOption(a.verifier))
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) {
			return nil, graphError("token", refused.Response.StatusCode, refused.Body)
		}
		return nil, tellApart("token", err)
	}
	// "Tokens are for this app and person": a token that was phished elsewhere signs nobody in here.
	var about struct {
		Data struct {
			App   id     `json:"app_id"`
			User  id     `json:"user_id"`
			Type  string `json:"type"`
			Valid bool   `json:"is_valid"`
		} `json:"data"`
	}
	err = d.get(ctx, "debug_token", url.Values{"input_token": {token.AccessToken}}, d.settings.ClientID+"|"+d.settings.ClientSecret, &about)
	if err != nil {
		return nil, err
	}
	if t := about.Data; !t.Valid || string(t.App) != d.settings.ClientID || t.Type != "" && t.Type != "USER" {
		return nil, fmt.Errorf("%w: token is not for this app", ErrInvalid)
	}
	var me struct {
		ID    id              `json:"id"`
		Name  json.RawMessage `json:"name"`
		Email json.RawMessage `json:"email"`
	}
	ask := url.Values{"fields": {"id,name,email"}, "appsecret_proof": {d.proof(token.AccessToken)}}
	if err := d.get(ctx, "me", ask, token.AccessToken, &me); err != nil {
		return nil, err
	}
	if me.ID != about.Data.User {
		return nil, fmt.Errorf("%w: token of another person", ErrInvalid)
	}
	// The claims are read as everybody's; what is not among them (email_verified above all) cannot be said.
	c := claims{Name: me.Name, Email: me.Email}
	return c.identity(d.settings.Name, string(me.ID), a.now)
}

// proof shows that the caller of the Graph API is the app itself and not a thief of the token.
func (d *facebook) proof(token string) string {
	m := hmac.New(sha256.New, []byte(d.settings.ClientSecret))
	m.Write([]byte(token))
	return hex.EncodeToString(m.Sum(nil))
}

// get asks the Graph API. The token goes into the header: addresses end in logs.
func (d *facebook) get(ctx context.Context, path string, query url.Values, token string, into any) error {
	a, err := d.out.Do(ctx, outbound.Request{
		URL:    d.graph + "/" + path + "?" + query.Encode(),
		Header: map[string]string{"Authorization": "Bearer " + token, "Accept": "application/json"},
	})
	if err != nil {
		return tellApart(path, err)
	}
	if a.Status != http.StatusOK {
		return graphError(path, a.Status, a.Body)
	}
	if err := json.Unmarshal(a.Body, into); err != nil {
		return fmt.Errorf("%w: %s: not the expected JSON", ErrInvalid, path)
	}
	return nil
}

// graphError tells a Graph API that has no time (unknown trouble, limits of the app, of the user, of the call) from one
// that says no. https://developers.facebook.com/docs/graph-api/guides/error-handling
func graphError(what string, status int, body []byte) error {
	var e struct {
		Error struct {
			Code      int  `json:"code"`
			Subcode   int  `json:"error_subcode"`
			Transient bool `json:"is_transient"`
		} `json:"error"`
	}
	kind := ErrUnavailable
	if json.Unmarshal(body, &e) == nil && !e.Error.Transient {
		switch e.Error.Code {
		case 0, 1, 2, 4, 17, 32, 341, 613:
		default:
			kind = ErrInvalid
		}
	}
	return fmt.Errorf("%w: %s: status %d, code %d, subcode %d", kind, what, status, e.Error.Code, e.Error.Subcode)
}

// id is an identifier that older versions of the Graph API wrote as a number.
type id string

func (i *id) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*i = id(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(raw, &n); err != nil || strings.ContainsAny(n.String(), "+-.eE") {
		return errors.New("no identifier")
	}
	*i = id(n.String())
	return nil
}
