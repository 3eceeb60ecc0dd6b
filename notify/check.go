package notify

import (
	"net/url"
	"regexp"

	"github.com/soglia-sso/soglia/config"
)

var (
	senderNumber = regexp.MustCompile(`^\+?[1-9][0-9]{6,14}$`)
	senderName   = regexp.MustCompile(`^[A-Za-z0-9 &._+-]{1,11}$`)
	hasLetter    = regexp.MustCompile(`[A-Za-z]`)
	segment      = regexp.MustCompile(`^[A-Za-z0-9_-]{22,128}$`)
)

// checkAddress looks at the address of a gateway that is of the operator's choice.
func checkAddress(key, text string, report config.Report) {
	u, err := url.Parse(text)
	if text != "" && (err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		report(key, "%s must be an address such as https://gateway.example.it", key)
	}
}

// checkSender looks at what the phone shows as the sender of a text message.
func checkSender(text string, report config.Report) {
	if text != "" && !senderNumber.MatchString(text) && !(senderName.MatchString(text) && hasLetter.MatchString(text)) {
		report("sender", "sender must be a number such as +390000000001, or a name of at most 11 characters with a letter in it")
	}
}

// checkSegment looks at a secret that stands in an address.
func checkSegment(key, text string, report config.Report) {
	if text != "" && !segment.MatchString(text) {
		report(key, "%s must be 22 to 128 letters, digits, - and _: it is part of an address", key)
	}
}
