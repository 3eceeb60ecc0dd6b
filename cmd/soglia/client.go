package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
)

// client is "soglia client …".
type client struct {
	List       clientList    `cmd:"" help:"List the clients of the configuration."`
	Snippet    clientSnippet `cmd:"" help:"Print the program's own side of a client, ready to paste."`
	Revoke     clientRevoke  `cmd:"" help:"End all a client was given: codes, refresh tokens and what hangs on them."`
	HashSecret hashSecret    `cmd:"" help:"Make a client secret and print it once, with the line for soglia.yaml."`
}

type hashSecret struct {
	Stdin bool `help:"Hash the secret that comes on standard input instead of making one."`
}

// Run prints the hash as it stands in soglia.yaml.
func (h *hashSecret) Run(s *streams) error {
	text := secret.New("sog_cs_")
	if h.Stdin {
		line, err := bufio.NewReader(s.in).ReadString('\n')
		if err != nil && line == "" {
			return errors.New("there is no secret on standard input")
		}
		text = strings.TrimRight(line, "\r\n")
		if err := config.CheckClientSecret(text); err != nil {
			return exit1{err}
		}
	} else if _, err := fmt.Fprintf(s.out, "# for the panel, shown only now: %s\n", text); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.out, "secret: {sha256: \"%x\"}\n", secret.Hash(text))
	return err
}
