package federation

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// Ask is one sign-in to begin.
type Ask struct {
	Request     string        // id of our authorization request; comes back with the answer
	BrowserHash []byte        // hash of the browser cookie
	Lifetime    time.Duration // how long the answer may take
	Now         time.Time     // the database's clock
	// Prompt, MaxAge and LoginHint are for re-authentication; MaxAge nil = not asked.
	Prompt    string
	MaxAge    *time.Duration
	LoginHint string
	UILocales string
}

// sealedState is what only the server may know until the answer comes.
type sealedState struct {
	Request  string `json:"request"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// Begin returns where to send the browser, and the row that the caller stores before sending it. It may have to reach the
// provider: call it outside of any transaction. ErrUnknown, ErrUnavailable.
func (p *Providers) Begin(ctx context.Context, name string, ask Ask) (string, *storage.Federation, error) {
	d, ok := p.byName[name]
	if !ok {
		return "", nil, ErrUnknown
	}
	ctx, cancel := context.WithTimeout(ctx, outbound.Patience)
	defer cancel()
	k := sealedState{ask.Request, secret.New(""), oauth2.GenerateVerifier()}
	state := secret.New("")
	to, err := d.authorize(ctx, question{state, k.Nonce, k.Verifier, ask})
	if err != nil {
		return "", nil, err
	}
	plain, err := json.Marshal(k)
	if err != nil {
		return "", nil, err
	}
	hash := secret.Hash(state)
	return to, &storage.Federation{
		StateHash:   hash,
		Provider:    name,
		RequestID:   hex.EncodeToString(secret.Hash(ask.Request)), // the id itself opens the request: it is in Sealed
		BrowserHash: ask.BrowserHash,
		Sealed:      p.box.Seal(plain, associatedData(name, hash)...),
		Created:     ask.Now,
		Expires:     ask.Now.Add(ask.Lifetime),
	}, nil
}

// Callback is what came to the redirect URI.
type Callback struct {
	Values      url.Values // query, or form after the 303 of a form_post
	BrowserHash []byte
	Now         time.Time // the database's clock
}

// Finish takes the state, once, and returns who it is. It reaches the provider: records must be the store itself, not a
// transaction. The request, Ask.Request, is said as soon as the state was good, with whatever error. ErrUnknown, ErrInvalid,
// ErrDenied, ErrUnavailable, or storage's errors.
//
// A state of another browser or provider is left unused: a stranger must not be able to spoil a sign-in under way.
func (p *Providers) Finish(ctx context.Context, records storage.Federations, name string, c Callback) (id *Identity, request string, err error) {
	d, ok := p.byName[name]
	if !ok {
		return nil, "", ErrUnknown
	}
	ctx, cancel := context.WithTimeout(ctx, outbound.Patience)
	defer cancel()
	for _, parameter := range []string{"state", "code", "iss", "error"} {
		if len(c.Values[parameter]) > 1 { // RFC 6749 §3.1
			return nil, "", fmt.Errorf("%w: %s more than once", ErrInvalid, parameter)
		}
	}
	hash := secret.Hash(c.Values.Get("state"))
	row, err := records.TakeFederation(ctx, hash, name, c.BrowserHash, c.Now)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, "", fmt.Errorf("%w: state", ErrInvalid)
	}
	if err != nil {
		return nil, "", err
	}
	plain, err := p.box.Open(row.Sealed, associatedData(name, hash)...)
	if err != nil {
		return nil, "", err
	}
	var k sealedState
	if err := json.Unmarshal(plain, &k); err != nil {
		return nil, "", err
	}
	id, err = d.identify(ctx, answer{
		code:     c.Values.Get("code"),
		iss:      c.Values.Get("iss"),
		failure:  c.Values.Get("error"),
		nonce:    k.Nonce,
		verifier: k.Verifier,
		now:      c.Now,
	})
	return id, k.Request, err
}

// associatedData is that of a sealed row.
func associatedData(name string, stateHash []byte) []string {
	return []string{"federation", name, string(stateHash)}
}
