package people

import (
	_ "embed"
	"net/http"
	"strconv"
)

// openapi is the API's contract, OpenAPI 3.1. The same bytes stand in docs/.
//
//go:embed openapi.json
var openapi []byte

// document serves the contract to whoever asks: there is nothing about anybody in it.
func document(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(openapi)))
	h.Set("Cache-Control", "public, max-age=3600")
	if r.Method != http.MethodHead {
		_, _ = w.Write(openapi) // the only error is that the reader went away
	}
	return nil
}
