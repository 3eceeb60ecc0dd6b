package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage"
)

// explain is "soglia explain": what would happen to an authorization request, and why. It reads the configuration and the
// database, and changes nothing; the running server is not asked.
type explain struct {
	User    string `required:"" help:"User name, mail address of one person only, id, or id in your own system."`
	Client  string `required:"" help:"The panel's client id."`
	Scope   string `required:"" help:"What the panel asks for, as in the request: \"openid dns\"."`
	Acr     string `help:"acr_values of the request; the client's default_acr_values when left out."`
	MaxAge  string `placeholder:"AGE" help:"max_age of the request: seconds, or 10m."`
	Prompt  string `help:"prompt of the request: none, login, consent, select_account."`
	Session string `default:"last" help:"Which session the browser has: last (the one seen last, else none), none, an id, or 1, 2 … as soglia user sessions lists them."`
	JSON    bool   `help:"Print JSON."`
	configured
}

// Run prints the explanation.
func (c *explain) Run(ctx context.Context, s *streams) error {
	cfg, db, err := c.openAsIs(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	return c.answer(ctx, cfg, db, s)
}

func (c *explain) answer(ctx context.Context, cfg *config.Config, db operated, s *streams) error {
	q, err := c.question(ctx, cfg, db)
	if err != nil {
		return err
	}
	now, ahead, err := server.Explain(ctx, cfg, db, q)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, explainedJSON(q, now, ahead))
	}
	return printExplained(s.out, q, now, ahead)
}

// question reads the flags; what they name must be there.
func (c *explain) question(ctx context.Context, cfg *config.Config, db operated) (q server.Question, err error) {
	if q.Client = cfg.Client(c.Client); q.Client == nil {
		return q, exit1{unknown("client", c.Client, slices.Collect(maps.Keys(cfg.Clients)))}
	}
	if q.Scopes, err = c.scopes(cfg, q.Client); err != nil {
		return q, err
	}
	if q.AcrValues, err = c.levels(cfg); err != nil {
		return q, err
	}
	if q.MaxAge, err = c.maxAge(); err != nil {
		return q, err
	}
	q.Prompt = strings.Fields(c.Prompt)
	prompts := []string{"none", "login", "consent", "select_account"}
	for _, word := range q.Prompt {
		if !slices.Contains(prompts, word) {
			return q, exit1{unknown("prompt", word, prompts)}
		}
	}
	if q.Person, err = find(ctx, db, c.User); err != nil {
		return q, err
	}
	q.Session, err = c.session(ctx, db, q.Person)
	return q, err
}

// scopes are those asked for. The server ignores one that it does not know, and refuses one that the client may not have; on
// a command line either is a mistake.
func (c *explain) scopes(cfg *config.Config, client *config.Client) ([]string, error) {
	names := strings.Fields(c.Scope)
	if len(names) == 0 {
		return nil, exit1{errors.New("--scope is empty: the panel would be answered invalid_scope")}
	}
	for _, name := range names {
		if slices.Contains(client.Scopes, name) {
			continue
		}
		if slices.Contains(cfg.KnownScopes(), name) {
			return nil, exit1{fmt.Errorf("%s may not have the scope %s (clients[].scopes: %s): the panel would be answered invalid_scope",
				client.ID, name, strings.Join(client.Scopes, " "))}
		}
		return nil, exit1{unknown("scope", name, cfg.KnownScopes())}
	}
	return names, nil
}

// levels are those asked for. The server ignores one that it does not know.
func (c *explain) levels(cfg *config.Config) ([]string, error) {
	names, known := strings.Fields(c.Acr), []string(nil)
	for _, l := range cfg.Policy.Levels {
		known = append(append(known, l.Name), l.Aliases...)
	}
	for _, name := range names {
		if !cfg.Policy.Known(name) {
			return nil, exit1{unknown("level", name, known)}
		}
	}
	return names, nil
}

func (c *explain) maxAge() (*time.Duration, error) {
	if c.MaxAge == "" {
		return nil, nil
	}
	written := c.MaxAge
	if _, err := strconv.ParseUint(written, 10, 32); err == nil {
		written += "s"
	}
	age, err := time.ParseDuration(written)
	if err != nil || age < 0 {
		return nil, exit1{fmt.Errorf("--max-age: %q is no time: seconds, as in the request, or 10m", c.MaxAge)}
	}
	return &age, nil
}

// session is the one that the browser has; nil = none.
func (c *explain) session(ctx context.Context, db operated, p *storage.Person) (*storage.Session, error) {
	if c.Session == "none" {
		return nil, nil
	}
	live, err := db.SessionsOf(ctx, p.ID, db.Now())
	if err != nil {
		return nil, err
	}
	if c.Session == "last" {
		if len(live) == 0 {
			return nil, nil
		}
		return live[0], nil
	}
	for i, row := range live {
		if c.Session == row.ID || c.Session == strconv.Itoa(i+1) {
			return row, nil
		}
	}
	return nil, exit1{fmt.Errorf("%s has no live session %q: soglia user sessions %s lists them", p.Username, c.Session, p.Username)}
}

// unknown says that the configuration has no such thing, and which one may have been meant.
func unknown(what, written string, known []string) error {
	text := fmt.Sprintf("the configuration has no %s %q", what, written)
	if what == "prompt" {
		text = fmt.Sprintf("there is no prompt %q", written)
	}
	if hint := config.DidYouMean(written, known); hint != "" {
		text += ": " + hint
	}
	return errors.New(text)
}

// named is what a method is called here: as in the YAML, with the provider of a linked login.
func named(m acr.Method, provider string) string {
	if m == acr.Social {
		return "login " + provider
	}
	return string(m)
}
