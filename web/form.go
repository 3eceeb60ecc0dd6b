package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of docs/security.md.
const (
	maxBody   = 64 << 10
	maxParams = 100
)

const plainForm = "application/x-www-form-urlencoded"

// Form reads the parameters of a request's body, never those of its URL. It refuses anything but a plain
// application/x-www-form-urlencoded body (415) of at most 64 KiB (413) and 100 parameters, in UTF-8 without NUL (400).
// A parameter may come more than once.
func Form(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if err := formType(r); err != nil {
		return nil, err
	}
	if r.PostForm != nil {
		return r.PostForm, nil // read before; the library reads this field too, and not the body again
	}
	if r.ContentLength > maxBody {
		return nil, tooLarge(nil)
	}
	body, err := read(w, r)
	if err != nil {
		if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
			return nil, tooLarge(err)
		}
		return nil, malformed("the body could not be read", err)
	}
	values, err := Params(string(body))
	if err != nil {
		return nil, err
	}
	r.PostForm = values
	return values, nil
}

// read reads a body that is not longer than allowed. Mostly its length is known and short, and then it is read in one piece;
// net/http ends it there. For a long one room is made as it comes: who only announces it takes none.
func read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength < 0 || r.ContentLength > 2<<10 {
		return io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	}
	body := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, body)
	return body, err
}

// Params reads the parameters of a query string under the rules of [Form].
func Params(query string) (url.Values, error) {
	if strings.Count(query, "&") >= maxParams {
		return nil, malformed("too many parameters", nil)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, malformed("the parameters are not form-urlencoded", err)
	}
	for name, all := range values {
		if !plainText(name) || slices.ContainsFunc(all, func(v string) bool { return !plainText(v) }) {
			return nil, malformed("a parameter is not UTF-8 text", nil)
		}
	}
	return values, nil
}

func plainText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// formType refuses bodies that are no plain form, before a byte of them is read.
func formType(r *http.Request) error {
	if got := r.Header["Content-Type"]; len(got) == 1 && got[0] == plainForm && r.Header.Get("Content-Encoding") == "" {
		return nil
	}
	kind, args, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := args["charset"]
	switch {
	case len(r.Header["Content-Type"]) > 1, err != nil, kind != plainForm,
		charset != "" && !strings.EqualFold(charset, "utf-8"),
		r.Header.Get("Content-Encoding") != "":
		return &Error{
			Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type",
			Header: http.Header{"Accept": {plainForm}},
		}
	}
	return nil
}

func tooLarge(cause error) error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Code: "too_large", Cause: cause}
}

// malformed is a 400. On a page every kind reads the same; programs and the log are told which.
func malformed(why string, cause error) error {
	return &Error{Status: http.StatusBadRequest, Code: "invalid_request", Message: why, Cause: cause}
}
