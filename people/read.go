package people

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// shown is a person in the answers of the API, without secrets and factors.
type shown struct {
	ExternalID     string    `json:"external_id"`
	ID             string    `json:"id"` // sub of tokens
	Username       string    `json:"username"`
	CustomerNumber string    `json:"customer_number"`
	BillingProfile bool      `json:"billing_profile"`
	Locale         string    `json:"locale"`
	Emails         []string  `json:"emails"`
	Phones         []string  `json:"phones"`
	Groups         []string  `json:"groups"`
	Verified       []string  `json:"verified"` // those of emails and phones that the person has proved
	Disabled       bool      `json:"disabled"`
	Created        time.Time `json:"created"`
	Updated        time.Time `json:"updated"`
	shownClaims
}

// shownClaims is user.Profile with all its members.
type shownClaims struct {
	Name       string                     `json:"name"`
	GivenName  string                     `json:"given_name"`
	FamilyName string                     `json:"family_name"`
	MiddleName string                     `json:"middle_name"`
	Nickname   string                     `json:"nickname"`
	Profile    string                     `json:"profile"`
	Picture    string                     `json:"picture"`
	Website    string                     `json:"website"`
	Gender     string                     `json:"gender"`
	Birthdate  string                     `json:"birthdate"`
	Zoneinfo   string                     `json:"zoneinfo"`
	Address    *user.Address              `json:"address"`
	Own        map[string]json.RawMessage `json:"claims"`
}

// read answers GET.
func (a *API) read(w http.ResponseWriter, r *http.Request, _ *call) error {
	p, err := a.person(r)
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, p)
}

// person is the one of the path; errNotFound.
func (a *API) person(r *http.Request) (*storage.Person, error) {
	p, err := a.Store.PersonByExternalID(r.Context(), r.PathValue("external_id"))
	if errors.Is(err, storage.ErrNotFound) {
		err = errNotFound
	}
	return p, err
}

// show answers with a person and its entity tag.
func show(w http.ResponseWriter, status int, p *storage.Person) error {
	d, err := draftOf(p)
	if err != nil {
		return err
	}
	out := shown{
		ExternalID: p.ExternalID, ID: p.ID, Username: d.Username, CustomerNumber: d.CustomerNumber, BillingProfile: d.BillingProfile,
		Locale: d.Locale, shownClaims: shownClaims(d.Profile), Disabled: d.Disabled,
		Emails: append([]string{}, d.Emails...), Phones: append([]string{}, d.Phones...), Verified: []string{},
		Groups:  append([]string{}, d.Groups...),
		Created: p.Created.UTC(), Updated: p.Updated.UTC(),
	}
	for _, c := range p.Contacts {
		if !c.VerifiedAt.IsZero() {
			out.Verified = append(out.Verified, c.Address)
		}
	}
	w.Header().Set("ETag", tag(p))
	return write(w, status, "application/json", out)
}

// tag is the entity tag of a person.
func tag(p *storage.Person) string { return `"` + strconv.FormatInt(p.Version, 10) + `"` }

// members reads a document: one JSON object, in UTF-8, of at most 64 KiB (web).
func members(r *http.Request, kinds ...string) (map[string]json.RawMessage, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(kinds, kind) || r.Header.Get("Content-Encoding") != "" {
		return nil, refuse(http.StatusUnsupportedMediaType, "unsupported_media_type", "The body must be "+strings.Join(kinds, " or ")+".")
	}
	raw, err := io.ReadAll(r.Body)
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return nil, refuse(http.StatusRequestEntityTooLarge, "too_large", "The document is larger than 64 KiB.")
	}
	if err != nil {
		return nil, &web.Error{Status: http.StatusBadRequest, Code: "invalid_request", Message: "The body could not be read.", Cause: err}
	}
	var out map[string]json.RawMessage
	if !utf8.Valid(raw) || json.Unmarshal(raw, &out) != nil || out == nil { // encoding/json would put other letters in
		return nil, refuse(http.StatusBadRequest, "malformed", "The body is not a JSON object.")
	}
	return out, nil
}

// expected checks the preconditions of RFC 9110 §13.1 against the present state; nil = nobody.
func expected(r *http.Request, p *storage.Person) bool {
	if match := r.Header.Get("If-Match"); match != "" && (p == nil || match != "*" && !listed(match, tag(p))) {
		return false
	}
	none := r.Header.Get("If-None-Match")
	return none == "" || p == nil || none != "*" && !listed(none, tag(p))
}

func listed(header, tag string) bool {
	return slices.ContainsFunc(strings.Split(header, ","), func(t string) bool {
		return strings.TrimPrefix(strings.TrimSpace(t), "W/") == tag
	})
}
