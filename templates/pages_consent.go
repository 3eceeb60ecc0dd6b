package templates

import "slices"

// Consent asks whether a panel may have what it asks for. Its forms post to Request + "/consent", field "answer" being
// "allow" or "deny", with the scopes that were shown.
type Consent struct {
	Page
	Username string
	Scopes   []ConsentScope
}

func (*Consent) kind() kind {
	return kind{file: "consent", step: "consent", title: "consent.title", icon: "shield"}
}

// ConsentScope is one thing the panel asks for.
type ConsentScope struct {
	Name  string
	Title string // in the page's language; "" = one of the standard scopes, whose words are text "scope.<Name>"
}

// NewConsentScope takes the operator's title of a scope. One that nobody described is shown by its bare name, unless the
// texts know it.
func NewConsentScope(name, title string) ConsentScope {
	if title == "" && !slices.Contains(StandardScopes, name) {
		title = name
	}
	return ConsentScope{Name: name, Title: title}
}

// StandardScopes are the scopes for which there is a text "scope.<name>" (OIDC Core §5.4, §11).
var StandardScopes = []string{"openid", "profile", "email", "address", "phone", "offline_access"}
