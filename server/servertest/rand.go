package servertest

import "github.com/soglia-sso/soglia/secret"

// rand is a value nobody can guess: states, nonces.
func rand() string { return secret.New("") }
