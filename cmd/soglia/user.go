package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// people is "soglia user …".
type people struct {
	Add         addPerson    `cmd:"" help:"Create a person."`
	Show        showPerson   `cmd:"" help:"Show a person: contacts, factors, logins, state."`
	Lock        lockPerson   `cmd:"" help:"Let a person in no more: sessions, tokens and links end now."`
	Unlock      unlockPerson `cmd:"" help:"Let a locked person in again."`
	Sessions    sessionsOf   `cmd:"" help:"List a person's sessions, or end them."`
	ResetFactor resetFactor  `cmd:"" help:"Take away a person's second factors, after the help desk knows who asks."`
	Unlink      unlinkLogin  `cmd:"" help:"Take away a linked login: sessions, tokens and links end now."`
}

// addPerson is "soglia user add".
type addPerson struct {
	Username string `arg:"" help:"What the person signs in with."`
	Email    string `required:"" help:"Mail address, to which codes go. The first correct code verifies it."`
	Name     string `help:"Full name."`
	Locale   string `default:"it" enum:"it,en" help:"Language of messages."`
	Stdin    bool   `help:"Take the password from standard input instead of making one."`
	File     string `default:"soglia.yaml" help:"Configuration (${default})."`
}

// Run creates the person and prints a password that is shown only now, unless one was given.
func (c *addPerson) Run(ctx context.Context, s *streams) error {
	cfg, db, err := open(ctx, c.File)
	if err != nil {
		return err
	}
	defer db.Close()
	password := strings.ToLower(secret.RecoveryCode())
	if c.Stdin {
		line, err := bufio.NewReader(s.in).ReadString('\n')
		if err != nil && line == "" {
			return errors.New("there is no password on standard input")
		}
		password = strings.TrimRight(line, "\r\n")
	}
	hasher := user.NewHasher(1, 0, func() user.Cost {
		return user.Cost{Memory: cfg.Password.Memory, Iterations: cfg.Password.Iterations}
	})
	hash, err := hasher.NewPassword(ctx, password, user.About{
		Min: cfg.Password.Min, Brand: cfg.Branding.Name, Username: c.Username, Addresses: []string{c.Email},
	})
	var refused *user.Refused
	if errors.As(err, &refused) {
		return wrong{fmt.Errorf("this password is refused: %s", refused.Why)}
	}
	if err != nil {
		return err
	}
	_, err = user.Create(ctx, db, user.New{
		Username: c.Username, PasswordHash: hash, Emails: []user.NewEmail{{Address: c.Email}},
		Locale: c.Locale, Profile: user.Profile{Name: c.Name}, Now: db.Now(),
	})
	switch {
	case errors.Is(err, storage.ErrConflict):
		return wrong{fmt.Errorf("the user name %q is taken", c.Username)}
	case errors.Is(err, user.ErrUsername), errors.Is(err, user.ErrEmail):
		return wrong{err}
	case err != nil:
		return err
	}
	fmt.Fprintf(s.out, "%s can sign in now.\n", c.Username)
	if !c.Stdin {
		fmt.Fprintf(s.out, "password, shown only now: %s\n", password)
	}
	return nil
}
