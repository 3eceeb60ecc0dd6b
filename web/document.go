package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Counted is how long a body may be for net/http to count it by itself, rather than to send it in chunks.
const Counted = 2 << 10

// Document is a cacheable answer, rendered once: serving it costs no work and no database.
type Document struct {
	body []byte

	// Values of headers, as net/http keeps them, so that serving makes none.
	length []string
	kind   []string // Content-Type
	etag   []string
	cache  []string
}

// Forever is for a document whose name changes with its content.
const Forever = 365 * 24 * time.Hour

// NewDocument prepares an answer of that media type, which may be kept for maxAge by anyone.
func NewDocument(kind string, body []byte, maxAge time.Duration) *Document {
	sum, cache := sha256.Sum256(body), fmt.Sprintf("public, max-age=%d", int(maxAge/time.Second))
	if maxAge == Forever {
		cache += ", immutable"
	}
	return &Document{
		body: body, length: []string{strconv.Itoa(len(body))}, kind: []string{kind},
		etag: []string{`"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}, cache: []string{cache},
	}
}

// Serve answers GET and HEAD, with 304 when the caller has it already (RFC 9110 §13.1.2).
func (d *Document) Serve(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h["Cache-Control"] = d.cache
	h["Etag"] = d.etag
	if match := r.Header.Get("If-None-Match"); match != "" && (match == "*" || strings.Contains(match, d.etag[0])) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h["Content-Type"] = d.kind
	if len(d.body) > Counted || r.Method == http.MethodHead {
		h["Content-Length"] = d.length // net/http counts short bodies by itself; a header of ours would be the ninth beside Vary (Site.headers)
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(d.body) // the only error is that the reader went away
	}
	return nil
}
