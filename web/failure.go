package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
)

// retryAway is how long a caller is told to wait when the database is away, in seconds.
const retryAway = 5

// ours are the errors that arise in this package: what people read (id of a text) and what programs are told.
var ours = map[string]struct{ text, words string }{
	"not_found":               {"not_found", "There is nothing at this address."},
	"method_not_allowed":      {"method_not_allowed", "This method is not allowed here."},
	"misdirected_request":     {"bad_request", "This host is not served here."},
	"cross_site":              {"cross_site", "The request came from another site."},
	"too_many_requests":       {"too_many", "Too many requests. Try again later."},
	"too_large":               {"too_large", "The request is too large."},
	"unsupported_media_type":  {"bad_request", "The body must be application/x-www-form-urlencoded."},
	"invalid_request":         {"bad_request", "The request is malformed."},
	"server_error":            {"internal", "The request could not be answered."},
	"temporarily_unavailable": {"unavailable", "The service is briefly unavailable. Try again later."},
}

// asError turns any error into an answer. What is not foreseen is a 500 whose cause only the log learns.
func asError(err error) *Error {
	var known *Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, storage.ErrAway), errors.Is(err, context.DeadlineExceeded):
		return &Error{
			Status: http.StatusServiceUnavailable, Code: "temporarily_unavailable", RetryAfter: retryAway, Cause: err,
		}
	}
	return &Error{Status: http.StatusInternalServerError, Code: "server_error", Cause: err}
}

// fail answers with an error in the form its audience reads.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, e *Error, to Audience) {
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Type", "Location", "Etag", "Last-Modified"} {
		h.Del(name) // of the answer that was not to be
	}
	for name, values := range e.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", nothing)
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(e.RetryAfter))
	}
	if to == Page || to == Entry {
		if e.Retry == "" && safe(r.Method) && (e.RetryAfter > 0 || e.Status == http.StatusInternalServerError) {
			again := *e
			again.Retry = r.URL.RequestURI() // the page says "try again"
			e = &again
		}
		page := e.Page
		if page == nil {
			page = templates.Failure{Code: e.Code, Text: textID(e), Args: e.Args, Status: e.Status, Retry: e.Retry, Back: e.Back}
		}
		if s.Render(w, r, e.Status, page) == nil {
			return
		}
		h.Set("Content-Type", "text/plain; charset=utf-8") // not even the error page renders
		w.WriteHeader(e.Status)
		w.Write([]byte(e.Code + " " + RequestID(r) + "\n"))
		return
	}
	body, _ := json.Marshal(struct { // strings only: cannot fail
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}{e.Code, description(e)})
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.Status)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// textID is the id of the page's text: Message, unless that is a description for programs (it has a space) or absent;
// then the code says which.
func textID(e *Error) string {
	if e.Message != "" && !strings.Contains(e.Message, " ") {
		return e.Message
	}
	if known, ok := ours[e.Code]; ok {
		return known.text
	}
	return e.Code
}

// description is the sentence for programs, in the characters that RFC 6749 §5.2 allows.
func description(e *Error) string {
	text := e.Message
	if !strings.Contains(text, " ") {
		text = ours[e.Code].words
	}
	return strings.Map(func(c rune) rune {
		if c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return -1
		}
		return c
	}, text)
}
