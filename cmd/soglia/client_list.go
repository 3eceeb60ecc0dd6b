package main

import (
	"maps"
	"slices"
	"strings"
)

// clientList is "soglia client list".
type clientList struct {
	configured
	JSON bool `help:"Print JSON."`
}

// clientJSON is a client for scripts, without secrets.
type clientJSON struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Public       bool     `json:"public"`       // has neither secret nor key
	AuthMethods  []string `json:"auth_methods"` // how it authenticates; several are alternatives
	RedirectURIs []string `json:"redirect_uris"`
	Scopes       []string `json:"scopes"`
	RequireAcr   string   `json:"require_acr,omitempty"`
}

// Run lists the clients of the configuration in order of id.
func (c *clientList) Run(s *streams) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	rows, all := [][]string{{"ID", "NAME", "AUTHENTICATES BY", "AT LEAST", "REDIRECT URIS"}}, []clientJSON{}
	for _, id := range slices.Sorted(maps.Keys(cfg.Clients)) {
		p := cfg.Clients[id]
		rows = append(rows, []string{id, p.Name, strings.Join(p.AuthMethods, " or "), orDash(p.RequireAcr), strings.Join(p.RedirectURIs, " ")})
		all = append(all, clientJSON{id, p.Name, p.Public, p.AuthMethods, p.RedirectURIs, p.Scopes, p.RequireAcr})
	}
	return printList(s.out, c.JSON, all, rows)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
