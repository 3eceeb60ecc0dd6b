package main

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/tokens"
)

// keys is "soglia keys …": the signing keys, beside running servers, which see each change within 5 s.
type keys struct {
	List   keysList   `cmd:"" help:"List what is in the JWKS."`
	Rotate keysRotate `cmd:"" help:"Publish successors now, to sign once signing.publish_before has passed."`
	Retire keysRetire `cmd:"" help:"End one key."`
}

type keysList struct {
	configured
	JSON bool `xor:"form" help:"Print JSON."`
	PEM  bool `xor:"form" help:"Print the public keys as PEM, each with its kid above it, for programs that read no JWKS."`
}

// Run lists.
func (c *keysList) Run(ctx context.Context, s *streams) error {
	show := keyPrinter(c.JSON)
	if c.PEM {
		show = printPEM
	}
	return c.withKeys(ctx, s, show, func(k *tokens.Keys) ([]tokens.KeyInfo, error) { return k.List(ctx) })
}

type keysRotate struct {
	Alg string `placeholder:"ALG" help:"Only this algorithm: RS256, ES256 or EdDSA."`
	configured
	JSON bool `help:"Print JSON."`
}

// Run publishes; asked twice it does so once.
func (c *keysRotate) Run(ctx context.Context, s *streams) error {
	return c.withKeys(ctx, s, keyPrinter(c.JSON), func(k *tokens.Keys) ([]tokens.KeyInfo, error) { return k.Rotate(ctx, c.Alg) })
}

type keysRetire struct {
	ID        string `arg:"" help:"Key id (kid)."`
	Emergency bool   `help:"The key may be in other hands: out of the JWKS now. What it signed is refused from now on."`
	configured
	JSON bool `help:"Print JSON."`
}

// Run ends the key and prints it with its successor.
func (c *keysRetire) Run(ctx context.Context, s *streams) error {
	return c.withKeys(ctx, s, keyPrinter(c.JSON), func(k *tokens.Keys) ([]tokens.KeyInfo, error) { return k.Retire(ctx, c.ID, c.Emergency) })
}

// keyJSON is a key for scripts.
type keyJSON struct {
	ID         string     `json:"kid"`
	Alg        string     `json:"alg"`
	State      string     `json:"state"`
	Created    *time.Time `json:"created"`
	ActiveFrom *time.Time `json:"active_from"`
	RetiredAt  *time.Time `json:"retired_at,omitempty"`
	GoneAt     *time.Time `json:"gone_at,omitempty"`
}

func (c configured) withKeys(ctx context.Context, s *streams, show func(*streams, []tokens.KeyInfo) error, do func(*tokens.Keys) ([]tokens.KeyInfo, error)) error {
	cfg, db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	box, err := secret.NewBox(cfg.MasterKey)
	if err != nil {
		return err
	}
	found, err := do(tokens.New(db, box, func() *config.Config { return cfg }))
	if errors.Is(err, tokens.ErrKeyUnknown) || errors.Is(err, tokens.ErrKeyAlg) {
		return exit1{err}
	}
	if err != nil {
		return err
	}
	return show(s, found)
}

// keyPrinter gives what prints keys, as a table or as JSON.
func keyPrinter(asJSON bool) func(*streams, []tokens.KeyInfo) error {
	return func(s *streams, found []tokens.KeyInfo) error {
		rows, all := [][]string{{"KID", "ALG", "STATE", "SIGNS FROM", "UNTIL", "IN JWKS UNTIL"}}, []keyJSON{}
		for _, k := range found {
			rows = append(rows, []string{k.ID, k.Alg, string(k.State), when(k.ActiveFrom), when(k.RetiredAt), when(k.GoneAt)})
			all = append(all, keyJSON{k.ID, k.Alg, string(k.State), stamp(k.Created), stamp(k.ActiveFrom), stamp(k.RetiredAt), stamp(k.GoneAt)})
		}
		return printList(s.out, asJSON, all, rows)
	}
}

// printPEM prints what goes into files; text between the blocks is left alone by whatever reads PEM (RFC 7468 §2).
func printPEM(s *streams, found []tokens.KeyInfo) error {
	for _, k := range found {
		if _, err := fmt.Fprintf(s.out, "%s %s %s\n%s", k.ID, k.Alg, k.State, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: k.Public})); err != nil {
			return err
		}
	}
	return nil
}
