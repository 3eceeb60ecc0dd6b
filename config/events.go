package config

import (
	"slices"

	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
)

// Events are the records of which the operator's own program can be told, by their names in package audit. Each has a
// section in docs/events.md. All of them change an account for good; what happens at every sign-in is not among them, nor
// what storage records in the statement of a token.
var Events = []string{
	"consent.given", "consent.revoked",
	"contact.change.done", "contact.change.requested", "contact.primary", "contact.removed", "contact.reverted",
	"factor.added", "factor.removed",
	"idp.link", "idp.unlink",
	"mfa.paused",
	"person.created", "person.disabled", "person.invited", "person.updated",
	"pw.reset.used",
	"rest.waived",
}

// Webhook is the operator's own program, which is told of events.
type Webhook struct {
	Events []string
	URL    string
	Key    []byte `json:"-"` // of the signature
}

// webhook checks where events go. nil = nowhere.
func (b *builder) webhook() *Webhook {
	f := b.file.Channels.Webhook
	if f == nil {
		return nil
	}
	b.twice("channels.webhook.events", f.Events)
	if f.URL != "" {
		if problem := b.wrongPeer(f.URL, outbound.Inside{Networks: b.inside}); problem != "" {
			b.errorf("channels.webhook.url", "a program in a private network needs backchannel: {allow: [its network]}", "url %q %s", f.URL, problem)
		}
	}
	w := &Webhook{Events: slices.Clone(f.Events), URL: f.URL}
	text := b.secret("channels.webhook.secret", f.Secret, false)
	if text == "" {
		return w
	}
	key, err := secret.WebhookKey(text)
	if err != nil {
		b.errorf("channels.webhook.secret", "", "secret %s", err)
	}
	w.Key = key
	return w
}
