package federation

import (
	"fmt"
	"strings"

	"github.com/soglia-sso/soglia/outbound"
)

// googleIssuer is Google's only issuer. Its ID tokens may leave the scheme out; go-oidc knows that of this one issuer, and
// the iss parameter is treated alike.
const googleIssuer = "https://accounts.google.com"

// newGoogle is OpenID Connect with what Google does differently: one issuer for everybody, no prompt=login (its list is
// none, consent, select_account) and so no re-authentication that could be believed, and hd, the Workspace of the person,
// which counts only where YAML names one. Mail addresses of a Workspace are as verified as the claim says.
func newGoogle(s Settings, out *outbound.Client) (provider, error) {
	if s.Issuer != "" && s.Issuer != googleIssuer {
		return nil, fmt.Errorf("issuer %q is not Google's", s.Issuer)
	}
	s.Issuer = googleIssuer
	d, err := newOpenID(s, out)
	if err != nil {
		return nil, err
	}
	d.deviations.issuers = []string{"accounts.google.com"}
	if s.HostedDomain != "" {
		d.deviations.accept = hostedDomain(s.HostedDomain)
	}
	d.deviations.ownsMailbox = googleOwnsMailbox
	d.deviations.ask = func(a *Ask) []parameter {
		if a.Prompt == "login" {
			a.Prompt = "select_account"
		}
		a.MaxAge = nil
		var more []parameter
		if s.HostedDomain != "" {
			more = append(more, parameter{"hd", s.HostedDomain})
		}
		if a.UILocales != "" { // Google reads hl instead
			more, a.UILocales = append(more, parameter{"hl", a.UILocales}), ""
		}
		return more
	}
	return d, nil
}

// googleOwnsMailbox is Google's own rule for when it is authoritative for a verified address: its mail service, and the domain of
// a Workspace (developers.google.com/identity, "email_verified" and "hd"). Any other address may have changed hands since.
func googleOwnsMailbox(c *claims) bool {
	_, domain, _ := strings.Cut(strings.ToLower(text(c.Email)), "@")
	return domain == "gmail.com" || domain == "googlemail.com" || domain != "" && domain == strings.ToLower(text(c.HostedDomain))
}
