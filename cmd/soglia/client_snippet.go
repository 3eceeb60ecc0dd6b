package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/panels"
)

// clientSnippet is "soglia client snippet".
type clientSnippet struct {
	ID     string `arg:"" help:"Client."`
	StepUp bool   `help:"Print the variant in which an area asks for the next level."`
	Preset string `help:"Program, when it is not the client's own preset."`
	Part   string `placeholder:"NAME" help:"Print this file alone, without what is said about it; the end of its name is enough."`
	configured
}

// Run prints the program's own side of a client, with the addresses of this installation and without its secret.
func (c *clientSnippet) Run(s *streams) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	client := cfg.Clients[c.ID]
	if client == nil {
		return exit1{fmt.Errorf("there is no client %q; soglia client list shows them", c.ID)}
	}
	name := cmp.Or(c.Preset, client.Preset, panels.General)
	program := panels.Lookup(name)
	if program == nil {
		return exit1{fmt.Errorf("there is no preset %q; there is %s", name, strings.Join(panels.Names(), ", "))}
	}
	values := snippetValues(cfg, client)
	if c.StepUp {
		if err := askFor(&values, cfg, client); err != nil {
			return exit1{err}
		}
	}
	if c.Part != "" {
		return c.printPart(s, program, values)
	}
	text, err := program.Print(values)
	if err != nil {
		return err
	}
	if name == panels.General {
		text += "\n# Ready-made, with --preset: " + strings.Join(panels.Names(), ", ") + "\n"
	}
	_, err = fmt.Fprint(s.out, text)
	return err
}

func (c *clientSnippet) printPart(s *streams, program *panels.Program, values panels.Values) error {
	files, err := program.Files(values)
	if err != nil {
		return err
	}
	var names []string
	for _, f := range files {
		if strings.HasSuffix(f.Name, c.Part) {
			_, err := fmt.Fprint(s.out, f.Text)
			return err
		}
		names = append(names, f.Name)
	}
	return exit1{fmt.Errorf("no file is called %q; there is %s", c.Part, strings.Join(names, ", "))}
}

// snippetValues are those of a client, for a sign-in without an area: it asks for no scope that would bring a question of its own.
func snippetValues(cfg *config.Config, client *config.Client) panels.Values {
	v := panels.Values{
		Issuer: cfg.Issuer, Provider: cmp.Or(cfg.Branding.Name, cfg.Issuer), ClientID: client.ID, Base: client.BaseURL,
		AuthMethod: strings.Join(client.AuthMethods, " or "), Public: client.Public, PKCEOptional: client.PKCEOptional,
		IDTokenAlg: client.IDTokenAlg, InIDToken: slices.Contains(client.ClaimsIn, "id_token"),
	}
	if len(client.RedirectURIs) > 0 {
		v.Redirect = client.RedirectURIs[0]
	}
	if len(client.PostLogoutRedirectURIs) > 0 {
		v.PostLogout = client.PostLogoutRedirectURIs[0]
	}
	if u, err := url.Parse(v.Redirect); v.Base == "" && err == nil && u.Host != "" {
		v.Base = u.Scheme + "://" + u.Host
	}
	for _, s := range client.Scopes {
		if cfg.Scopes[s].Level == "" && !slices.Contains(config.PeopleScopes, s) {
			v.Scopes = append(v.Scopes, s)
		}
	}
	return v
}

// askFor adds the area: of a scope with a floor that the client may ask for, else of the lowest level with a second step.
func askFor(v *panels.Values, cfg *config.Config, client *config.Client) error {
	for _, s := range client.Scopes {
		if l := cfg.Scopes[s].Level; l != "" && kindOf(cfg, l) != acr.FirstStep {
			v.Area, v.Level = s, l
			break
		}
	}
	for _, l := range cfg.Policy.Levels {
		if v.Level == "" && l.Kind != acr.FirstStep {
			v.Level = l.Name
		}
		if v.Level != "" && cfg.Policy.Compare(l.Name, v.Level) >= 0 {
			v.Levels = append(v.Levels, l.Name)
		}
	}
	if v.Level == "" {
		return errors.New("no level has a second step, so there is nothing to step up to")
	}
	return nil
}

func kindOf(cfg *config.Config, level string) acr.Kind {
	for _, l := range cfg.Policy.Levels {
		if l.Name == level {
			return l.Kind
		}
	}
	return acr.FirstStep
}
