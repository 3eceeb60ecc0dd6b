package login

import "github.com/soglia-sso/soglia/session"

// agent names a browser for people.
func agent(ua string) string { return session.Agent(ua) }
