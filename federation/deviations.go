package federation

import (
	"fmt"

	"github.com/coreos/go-oidc/v3/oidc"
)

// deviations are where a provider differs from OpenID Connect. The zero value is a provider that does not.
type deviations struct {
	issuers     []string                  // other spellings of its issuer in the iss parameter
	ask         func(*Ask) []parameter    // changes what it is asked; nil = nothing
	accept      func(*oidc.IDToken) error // one more condition on a good ID token; nil = none
	ownsMailbox func(*claims) bool        // the provider runs the mailbox of the address it verified; nil = of none
}

// parameter is one more of an authorization request.
type parameter struct{ name, value string }

// hostedDomain accepts only people of one Google Workspace. The hd parameter of the request is a wish that the person can
// take away; the claim decides.
func hostedDomain(domain string) func(*oidc.IDToken) error {
	return func(id *oidc.IDToken) error {
		var c struct {
			Domain string `json:"hd"`
		}
		if err := id.Claims(&c); err != nil || c.Domain != domain {
			return fmt.Errorf("%w: hd", ErrInvalid)
		}
		return nil
	}
}
