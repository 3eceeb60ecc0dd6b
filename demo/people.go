package demo

import (
	"context"
	"encoding/base32"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// Someone is a person of the demo. The passwords are printed: they protect nothing but this process.
type Someone struct {
	Username string
	Password string
	Email    string
	Verified bool   // the address
	Phone    string // E.164, on file
	Texts    bool   // that number is the second factor, by SMS
	App      bool   // has an authenticator app
	Key      string
	Customer bool // somebody at the social provider who is a customer of the sign-in server, too
	Profile  user.Profile
	What     string // in a few words, for the list
}

// customers are the people at the sign-in server.
func customers() []*Someone {
	return []*Someone{
		{
			Username: "anna", Password: "quattro gatti al sole", Email: "anna@rossi-arredamenti.example", Phone: "+393331234567",
			Profile: user.Profile{Name: "Anna Rossi", GivenName: "Anna", FamilyName: "Rossi", Zoneinfo: "Europe/Rome"},
			What:    "password; a sensitive area sends a code by e-mail, or to her number by WhatsApp or SMS",
		},
		{
			Username: "bruno", Password: "una lanterna sul molo", Email: "bruno@rossi-arredamenti.example", Verified: true, App: true,
			Profile: user.Profile{Name: "Bruno Rossi", GivenName: "Bruno", FamilyName: "Rossi", Zoneinfo: "Europe/Rome"},
			What:    "password and authenticator app, asked at every sign-in",
		},
		{
			Username: "franca", Password: "tre barche nel porto", Email: "franca@rossi-arredamenti.example", Verified: true, Phone: "+393337654321", Texts: true,
			Profile: user.Profile{Name: "Franca Rossi", GivenName: "Franca", FamilyName: "Rossi", Zoneinfo: "Europe/Rome"},
			What:    "password and codes by SMS, asked at every sign-in",
		},
	}
}

// friends are the people at the demo's social provider. Registration is closed, so two of them are customers whose login
// came with an import, and one is a stranger.
func friends() []*Someone {
	return []*Someone{
		{
			Username: "carla", Password: "undici ombrelli gialli", Email: "carla@posta.example", Verified: true, Customer: true,
			Profile: user.Profile{Name: "Carla Bianchi", GivenName: "Carla", FamilyName: "Bianchi"},
			What:    "a customer; the first time, a code is asked for",
		},
		{
			Username: "dario", Password: "sette ponti di pietra", Email: "dario@posta.example", Customer: true,
			Profile: user.Profile{Name: "Dario Verdi", GivenName: "Dario", FamilyName: "Verdi"},
			What:    "the same; his address is not verified at the provider",
		},
		{
			Username: "elena", Password: "cinque lampioni accesi", Email: "elena@posta.example", Verified: true,
			Profile: user.Profile{Name: "Elena Neri", GivenName: "Elena", FamilyName: "Neri"},
			What:    "a stranger: no account has her login, and none is made",
		},
	}
}

// imported makes customers of friends, as after an import: each with the login at the social provider, not yet proved.
func imported(ctx context.Context, db, social storage.Store, friends []*Someone, from int) error {
	for i, who := range friends {
		if !who.Customer {
			continue
		}
		there, err := social.PersonByUsername(ctx, who.Username)
		if err != nil {
			return fmt.Errorf("demo: %s: %w", who.Username, err)
		}
		now := db.Now()
		p, err := user.Create(ctx, db, user.New{
			Username: who.Username, Emails: []user.NewEmail{{Address: who.Email}},
			CustomerNumber: fmt.Sprint(100_001 + from + i), Locale: "it", Profile: who.Profile, Now: now,
		})
		if err != nil {
			return fmt.Errorf("demo: %s: %w", who.Username, err)
		}
		err = db.PutIdentity(ctx, &storage.Identity{Provider: socialProvider, Subject: there.ID, PersonID: p.ID, Created: now})
		if err != nil {
			return fmt.Errorf("demo: %s: %w", who.Username, err)
		}
	}
	return nil
}

// seed creates people as an operator's import would.
func seed(ctx context.Context, db storage.Store, c *config.Config, people []*Someone) error {
	hasher := user.NewHasher(runtime.GOMAXPROCS(0), 0, func() user.Cost {
		return user.Cost{Memory: c.Password.Memory, Iterations: c.Password.Iterations}
	})
	for i, who := range people {
		hash, err := hasher.NewPassword(ctx, who.Password, user.About{
			Min: c.Password.Min, Brand: c.Branding.Name, Username: who.Username, Addresses: []string{who.Email},
		})
		if err != nil {
			return fmt.Errorf("demo: %s: %w", who.Username, err)
		}
		now := db.Now()
		p, err := user.Create(ctx, db, user.New{
			Username: who.Username, Emails: []user.NewEmail{{Address: who.Email, Verified: who.Verified}}, PasswordHash: hash,
			Phones: phones(who), CustomerNumber: fmt.Sprint(100_001 + i), Locale: "it", Profile: who.Profile, Now: now,
		})
		if err != nil {
			return fmt.Errorf("demo: %s: %w", who.Username, err)
		}
		if who.Texts {
			if err := ownNumber(ctx, db, p, who.Phone, now.Add(-time.Hour)); err != nil {
				return fmt.Errorf("demo: %s: %w", who.Username, err)
			}
		}
		if who.App {
			if who.Key, err = app(ctx, db, c, p, now.Add(-time.Hour)); err != nil {
				return fmt.Errorf("demo: %s: %w", who.Username, err)
			}
		}
	}
	return nil
}

func phones(who *Someone) []string {
	if who.Phone == "" {
		return nil
	}
	return []string{who.Phone}
}

// ownNumber makes the number on file the second factor by SMS, as if it had been switched on at that time: the contact is proved by
// the same code.
func ownNumber(ctx context.Context, db storage.Store, p *storage.Person, number string, at time.Time) error {
	person, err := db.Person(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, c := range person.Contacts {
		if c.Channel == "phone" {
			if err := db.VerifyContact(ctx, c.ID, at); err != nil {
				return err
			}
		}
	}
	return db.PutFactor(ctx, &storage.Factor{
		ID: secret.NewID(), PersonID: p.ID, Method: string(acr.SMS), Channels: []string{string(acr.SMS)}, Address: number, Created: at,
	})
}

// app switches on an authenticator app and returns its key. It is confirmed at a time in the past, because a code counts
// once (RFC 6238 §5.2) and the present one is for the visitor.
func app(ctx context.Context, db storage.Store, c *config.Config, p *storage.Person, at time.Time) (string, error) {
	box, err := secret.NewBox(c.MasterKey)
	if err != nil {
		return "", err
	}
	factors := mfa.New(box, func() *config.Config { return c }, nil)
	var key string
	err = db.Tx(ctx, func(r storage.Records) error {
		e, err := factors.Enrol(ctx, r, mfa.Question{Person: p, Method: acr.TOTP, Now: at}, "")
		if err != nil {
			return err
		}
		key = strings.ReplaceAll(e.App.Key, " ", "")
		code, err := totp.GenerateCode(key, at)
		if err != nil {
			return err
		}
		v, err := factors.Confirm(ctx, r, mfa.Try{Question: mfa.Question{Person: p, Method: acr.TOTP, Credential: e.FactorID, Now: at}, Form: mfa.Typed(code)}, time.Time{})
		if err == nil && !v.OK {
			err = v.Cause
		}
		return err
	})
	return key, err
}

// Code is what the person's app shows at that time, and how long it does.
func (s *Someone) Code(at time.Time) (string, time.Duration) {
	if s.Key == "" {
		return "", 0
	}
	if _, err := base32.StdEncoding.DecodeString(s.Key); err != nil {
		return "", 0
	}
	code, err := totp.GenerateCode(s.Key, at)
	if err != nil {
		return "", 0
	}
	return code, 30*time.Second - time.Duration(at.UnixNano()%int64(30*time.Second))
}
