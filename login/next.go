package login

import (
	"slices"

	"github.com/soglia-sso/soglia/acr"
)

// The pages to which a decision leads, by their data-step (docs/conventions.md).
const (
	pageSignIn = "login"
	pageCode   = "otp"
	pageEnrol  = "enrol"
	pageError  = "error"

	// Pages that the decision alone does not tell: see package consent, and request.Open.Stopped.
	PageConsent = "consent"
	PageStopped = "stopped"
)

// Next is the page to which a decision leads, by its data-step; "" = none: the panel is answered, or one of the
// two above comes. asks says for which methods this server has a page.
func Next(d *acr.Decision, asks func(acr.Method) bool) string {
	switch d.Outcome {
	case acr.AskFirst:
		if n := len(d.Options); n > 0 && n == len(askable(d, asks)) {
			return pageCode // an own factor stands in for a provider that cannot ask again
		}
		return pageSignIn
	case acr.AskEnrol:
		return pageEnrol
	case acr.AskSecond:
		if len(askable(d, asks)) == 0 {
			return pageError
		}
		return pageCode
	}
	return ""
}

// askable are the options that mfa can ask for. Where a first step is repeated they stand in for a provider that cannot ask
// again.
func askable(d *acr.Decision, asks func(acr.Method) bool) []acr.Option {
	if d.Outcome != acr.AskSecond && d.Outcome != acr.AskFirst {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.Options), func(o acr.Option) bool { return !asks(o.Method) })
}
