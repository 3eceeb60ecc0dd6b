package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/desk"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
)

// people is "soglia user …".
type people struct {
	Add         addPerson    `cmd:"" help:"Create a person."`
	Invite      invitePerson `cmd:"" help:"Mail a person who has no password yet the link to choose one. A newer link takes the place of an older one."`
	Show        showPerson   `cmd:"" help:"Show a person: contacts, factors, logins, state."`
	Lock        lockPerson   `cmd:"" help:"Let a person in no more: sessions, tokens and links end now."`
	Unlock      unlockPerson `cmd:"" help:"Let a locked person in again."`
	Groups      groupsOf     `cmd:"" help:"List a person's groups, or change them."`
	Sessions    sessionsOf   `cmd:"" help:"List a person's sessions, or end them."`
	ResetFactor resetFactor  `cmd:"" help:"Take away a person's second factors, after the help desk knows who asks. Codes to contacts then rest."`
	WaiveRest   waiveRest    `cmd:"" help:"Let codes to the contacts of such a person count at once. The person is told."`
	Unlink      unlinkLogin  `cmd:"" help:"Take away a linked login: sessions, tokens and links end now."`
}

// addPerson is "soglia user add".
type addPerson struct {
	Username string   `arg:"" help:"What the person signs in with."`
	Email    string   `required:"" help:"Mail address, to which codes go. The first correct code verifies it, and so does a password chosen by a mailed link."`
	Name     string   `help:"Full name."`
	Locale   string   `help:"Language of messages; locales.default when left out."`
	Claims   string   `placeholder:"FILE" help:"JSON object of what is known of the person: standard claims (OIDC Core §5.1), customer_number, phone_number, and those of your own scopes."`
	Group    []string `placeholder:"GROUP" sep:"none" help:"Put the person into this group; may be said several times."`
	Stdin    bool     `xor:"password" help:"Take the password from standard input instead of making one."`
	Invite   bool     `xor:"password" help:"Make no password: mail the person an invitation to choose one."`
	configured
}

// Run creates the person and prints a password that is shown only now, unless one was given; or mails the invitation.
func (c *addPerson) Run(ctx context.Context, s *streams) error {
	cfg, db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	return c.create(ctx, cfg, db, s)
}

func (c *addPerson) create(ctx context.Context, cfg *config.Config, db operated, s *streams) error {
	made, err := c.account(cfg, s)
	if err != nil {
		return err
	}
	password := ""
	if !c.Invite {
		if password, err = c.password(s); err != nil {
			return err
		}
		if made.PasswordHash, err = c.hash(ctx, cfg, password); err != nil {
			return err
		}
	}
	f := &found{&storage.Person{Username: c.Username}, cfg, db}
	err = f.do(ctx, func(tx storage.Records, d *desk.Desk, now time.Time) error {
		made.Now = now
		p, err := d.Create(ctx, tx, made)
		if err != nil || !c.Invite {
			return err
		}
		return d.Invites(ctx, tx, p, now)
	})
	switch {
	case errors.Is(err, storage.ErrConflict):
		return exit1{fmt.Errorf("the user name %q is taken", c.Username)}
	case errors.Is(err, user.ErrUsername):
		return exit1{fmt.Errorf("%q cannot be a user name: it has 1 to 64 characters and no blanks", c.Username)}
	case errors.Is(err, user.ErrEmail):
		return exit1{fmt.Errorf("--email: %q is not an address such as anna@example.it", c.Email)}
	case err != nil:
		return err
	case c.Invite:
		return f.invited(s)
	}
	fmt.Fprintf(s.out, "%s can sign in now.\n", c.Username)
	if !c.Stdin {
		fmt.Fprintf(s.out, "password, shown only now: %s\n", password)
	}
	return nil
}

// account is what the flags and the file of claims say; flags win.
func (c *addPerson) account(cfg *config.Config, s *streams) (user.New, error) {
	made := user.New{Username: c.Username, Emails: []user.NewEmail{{Address: c.Email}}, Locale: cfg.Locales.Default, Groups: c.Group}
	if err := goodGroups(cfg, s, "--group", c.Group); err != nil {
		return made, err
	}
	if n := len(user.SortedGroups(c.Group)); n > config.MaxGroups {
		return made, exit1{fmt.Errorf("--group: %d groups are more than %d", n, config.MaxGroups)}
	}
	if c.Claims != "" {
		if err := readClaims(c.Claims, cfg, &made); err != nil {
			return made, err
		}
	}
	made.Locale, made.Profile.Name = cmp.Or(c.Locale, made.Locale), cmp.Or(c.Name, made.Profile.Name)
	if !slices.Contains(cfg.Locales.Offered, made.Locale) {
		return made, exit1{fmt.Errorf("--locale: messages are in %s", strings.Join(cfg.Locales.Offered, ", "))}
	}
	return made, nil
}

// password is the one on standard input, or a new one.
func (c *addPerson) password(s *streams) (string, error) {
	if !c.Stdin {
		return strings.ToLower(secret.RecoveryCode()), nil
	}
	line, err := bufio.NewReader(s.in).ReadString('\n')
	if err != nil && line == "" {
		return "", errors.New("there is no password on standard input")
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// hash judges the password as the pages would, and says what is wrong with it in their words.
func (c *addPerson) hash(ctx context.Context, cfg *config.Config, password string) (string, error) {
	hasher := user.NewHasher(1, 0, func() user.Cost {
		return user.Cost{Memory: cfg.Password.Memory, Iterations: cfg.Password.Iterations}
	})
	hash, err := hasher.NewPassword(ctx, password, user.About{
		Min: cfg.Password.Min, Brand: cfg.Branding.Name, Username: c.Username, Addresses: []string{c.Email},
	})
	var refused *user.Refused
	if !errors.As(err, &refused) {
		return hash, err
	}
	texts, err := templates.New(server.Brand(cfg))
	if err != nil {
		return "", err
	}
	why := texts.Text("en", "password.refused."+string(refused.Why), nil)
	if refused.Why == user.WhyShort {
		why += fmt.Sprintf(" password.min in the configuration is %d bytes.", cfg.Password.Min)
	}
	return "", exit1{errors.New(why)}
}
