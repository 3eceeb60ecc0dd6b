package people

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/soglia-sso/soglia/web"
)

// problem is an answer other than success (RFC 9457).
type problem struct {
	Status int     `json:"status"`
	Title  string  `json:"title"`
	Code   string  `json:"code"`             // machine-readable
	Detail string  `json:"detail,omitempty"` // for the developer of the calling program
	Errors []fault `json:"errors,omitempty"` // what is wrong with the document
}

// fault is one thing wrong with a document.
type fault struct {
	Pointer string `json:"pointer"` // RFC 6901, into the document
	Detail  string `json:"detail"`
}

func (p *problem) Error() string { return "people: " + p.Code }

func refuse(status int, code, detail string) *problem {
	return &problem{Status: status, Title: http.StatusText(status), Code: code, Detail: detail}
}

// invalid is a document that was read but cannot be.
func invalid(faults ...fault) *problem {
	p := refuse(http.StatusUnprocessableEntity, "invalid_document", "The document is not acceptable.")
	p.Errors = faults
	return p
}

var (
	errNotFound = refuse(http.StatusNotFound, "not_found", "There is no person with this external id.")
	errExists   = refuse(http.StatusConflict, "exists", "There is a person with this external id.")
	errUsername = refuse(http.StatusConflict, "username_taken", "The user name belongs to someone else.")
	errMoved    = refuse(http.StatusConflict, "changing", "The person is being changed by someone else. Try again.")
	errStale    = refuse(http.StatusPreconditionFailed, "precondition_failed", "The person is not in the state that the call expects.")
)

// fail writes an error as a problem. What is not foreseen goes on to web, which logs the cause and tells nothing.
func (a *API) fail(w http.ResponseWriter, err error) error {
	var (
		p      *problem
		called *web.Error
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p):
	case errors.As(err, &called):
		for name, values := range called.Header {
			w.Header()[name] = values
		}
		p = refuse(called.Status, called.Code, called.Message)
	default:
		return err
	}
	return write(w, p.Status, "application/problem+json", p)
}

func write(w http.ResponseWriter, status int, kind string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the only error is that the reader went away
	return nil
}
