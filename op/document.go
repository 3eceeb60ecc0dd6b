package op

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/tokens"
)

// counted is how long a body may be for net/http to count it by itself, rather than to send it in chunks.
const counted = 2 << 10

// document is a cacheable answer, rendered once: serving it costs no work and no database.
type document struct {
	body   []byte
	length []string
	kind   []string // Content-Type
	etag   []string
	cache  []string
}

func newDocument(kind string, body []byte, maxAge time.Duration) *document {
	sum := sha256.Sum256(body)
	return &document{
		body: body, length: []string{strconv.Itoa(len(body))}, kind: []string{kind},
		etag:  []string{`"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`},
		cache: []string{fmt.Sprintf("public, max-age=%d", int(maxAge/time.Second))},
	}
}

// serve answers GET and HEAD, with 304 when the caller has it already (RFC 9110 §13.1.2).
func (d *document) serve(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h["Cache-Control"] = d.cache
	h["Etag"] = d.etag
	if match := r.Header.Get("If-None-Match"); match != "" && (match == "*" || strings.Contains(match, d.etag[0])) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h["Content-Type"] = d.kind
	if len(d.body) > counted || r.Method == http.MethodHead {
		h["Content-Length"] = d.length // else, beside Vary, it would be the ninth header (web.Site.headers)
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(d.body) // the only error is that the reader went away
	}
	return nil
}

// jwks is the JWKS as a document.
type jwks struct {
	of *tokens.JWKS
	*document
}

// jwksDocument renders the JWKS once for each change of the keys.
func (p *Provider) jwksDocument() *document {
	set := p.Tokens.JWKS()
	if d := p.jwks.Load(); d != nil && d.of == set {
		return d.document
	}
	d := &jwks{set, newDocument("application/json", set.Body, set.MaxAge)}
	p.jwks.Store(d)
	return d.document
}
