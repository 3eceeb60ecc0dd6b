package stepup

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// refusal is an answer of RFC 6750 §3.1 or RFC 9470 §3. Its texts are ours alone: nothing of a request stands in them.
type refusal struct {
	status      int
	code        string // "": there was no token, and the answer says no more than what would be wanted
	description string
}

func (r *refusal) Error() string { return r.description }

func malformed(description string) error {
	return &refusal{http.StatusBadRequest, "invalid_request", description}
}

func invalid(description string) error {
	return &refusal{http.StatusUnauthorized, "invalid_token", description}
}

var (
	errNoToken = &refusal{http.StatusUnauthorized, "", "An access token is needed."}
	errScope   = &refusal{http.StatusForbidden, "insufficient_scope", "The access token lacks a scope."}
	errLevel   = &refusal{http.StatusUnauthorized, "insufficient_user_authentication", "A different level of authentication is needed."}
	errAge     = &refusal{http.StatusUnauthorized, "insufficient_user_authentication", "A more recent authentication is needed."}
)

// refuse writes the answer to whoever may not enter. What is no refusal is nobody's fault out there: it goes to the log.
func (q *requirement) refuse(w http.ResponseWriter, r *http.Request, v *Verifier, err error) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	var no *refusal
	if !errors.As(err, &no) {
		v.log.ErrorContext(r.Context(), "stepup: an access token cannot be judged", "error", err, "path", r.URL.Path)
		status := http.StatusServiceUnavailable
		if errors.Is(err, errSetUp) {
			status = http.StatusInternalServerError
		}
		http.Error(w, "The access token cannot be judged at the moment.", status)
		return
	}
	h.Set("WWW-Authenticate", q.challenge(no, v.issuer))
	w.WriteHeader(no.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(no.description + "\n")) // whoever hung up does not read it
	}
}

// errSetUp is a mistake of whoever wrote or configured the panel.
var errSetUp = errors.New("stepup is set up wrongly")

// challenge is the value of WWW-Authenticate. Without a token it says whose token is wanted, and all that it must be good
// for, so that one sign-in is enough.
func (q *requirement) challenge(no *refusal, issuer string) string {
	var out strings.Builder
	add := func(name, value string) {
		if value != "" {
			if out.Len() > 0 {
				out.WriteString(", ")
			}
			out.WriteString(name + `="` + value + `"`)
		}
	}
	if no.code == "" && plain(issuer) {
		add("realm", issuer)
	}
	if no.code != "" {
		add("error", no.code)
		add("error_description", no.description)
	}
	step := no.code == "" || no.code == errLevel.code
	if step {
		add("acr_values", q.level)
		if q.maxAge > 0 {
			add("max_age", strconv.FormatInt(int64(q.maxAge.Seconds()), 10))
		}
	}
	if step || no.code == errScope.code { // RFC 9470 §3: a scope that is wanted, too, may be named at once
		add("scope", strings.Join(q.scopes, " "))
	}
	return "Bearer " + out.String()
}
