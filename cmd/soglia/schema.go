package main

import (
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
)

// schema is "soglia schema".
type schema struct{}

// Run prints the JSON Schema.
func (*schema) Run(s *streams) error {
	_, err := s.out.Write(config.Schema(notify.Drivers()))
	return err
}
