package stepup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	fresh = 10 * time.Minute // so old a document is read anew
	kept  = 24 * time.Hour   // so long it serves while it cannot be read
	again = 10 * time.Second // between two tries
)

// metadata is what is wanted of a discovery document (OpenID Connect Discovery §3).
type metadata struct {
	Issuer        string `json:"issuer"`
	JWKS          string `json:"jwks_uri"`
	Introspection string `json:"introspection_endpoint"`
	Levels        Levels `json:"acr_values_supported"`
}

// discovery keeps the document of one issuer.
type discovery struct {
	known atomic.Pointer[knownAt]
	mu    sync.Mutex // held while asking: who has nothing waits for it, who has an old document goes on with that
	tried time.Time
	cause error // why the last try failed
}

type knownAt struct {
	metadata
	at time.Time
}

func (k *knownAt) within(age time.Duration, now time.Time) bool {
	return k != nil && now.Sub(k.at) < age
}

func (d *discovery) current(ctx context.Context, v *Verifier, now time.Time) (*metadata, error) {
	if k := d.known.Load(); k.within(fresh, now) {
		return &k.metadata, nil
	} else if !k.within(kept, now) {
		d.mu.Lock()
	} else if !d.mu.TryLock() {
		return &k.metadata, nil
	}
	defer d.mu.Unlock()
	if !d.known.Load().within(fresh, now) && (d.tried.IsZero() || now.Sub(d.tried) >= again) {
		m, err := v.read(context.WithoutCancel(ctx)) // who hangs up leaves the answer to those behind
		if d.tried, d.cause = now, err; err == nil {
			d.known.Store(&knownAt{*m, now})
		} else {
			v.log.WarnContext(ctx, "stepup: the discovery document cannot be read", "issuer", v.issuer, "error", err)
		}
	}
	if k := d.known.Load(); k.within(kept, now) {
		return &k.metadata, nil
	}
	return nil, fmt.Errorf("discovery of %s: %w", v.issuer, d.cause)
}

func (v *Verifier) read(ctx context.Context) (*metadata, error) {
	raw, err := v.get(ctx, strings.TrimSuffix(v.issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	var m metadata
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	if m.Issuer != v.issuer { // Discovery §4.3
		return nil, fmt.Errorf("it is of the issuer %q", m.Issuer)
	}
	return &m, m.Levels.valid()
}

// get reads a document of the issuer.
func (v *Verifier) get(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	return v.answer(r)
}

// answer sends a question to the issuer and reads a 200.
func (v *Verifier) answer(r *http.Request) ([]byte, error) {
	r.Header.Set("Accept", "application/json")
	res, err := v.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxReply+1))
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s answered %s", r.URL.Redacted(), res.Status)
	case len(raw) > maxReply:
		return nil, errors.New("the answer is too long")
	}
	return raw, nil
}
