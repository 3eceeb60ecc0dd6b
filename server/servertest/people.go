package servertest

import (
	"context"
	"errors"
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

// Person is someone who can sign in, with what only that person knows.
type Person struct {
	ID       string
	Username string
	Password string
	Email    string
	Verified bool   // the address; false: on file
	Phone    string // on file; "" = none
	Key      string // of the authenticator app, base32; "" = none
}

// seed creates the people of docs/conventions.md.
func (w *World) seed() {
	w.T.Helper()
	w.U1 = w.create(w.Store, w.Config, &Person{Username: "ugo", Password: "una lanterna sul molo", Email: "ugo@rossi.test", Verified: true})
	w.addApp(w.U1)
	w.U2 = w.create(w.Store, w.Config, &Person{Username: "dora", Password: "quattro gatti al sole", Email: "dora@rossi.test"})
	w.V = w.create(w.Store, w.Config, &Person{Username: "vera", Password: "pioggia sui tetti rossi", Email: "vera@bianchi.test", Verified: true})
}

// Create adds a person to the server.
func (w *World) Create(p *Person) *Person {
	w.T.Helper()
	return w.create(w.Store, w.Config, p)
}

func (w *World) create(db storage.Store, c *config.Config, p *Person) *Person {
	w.T.Helper()
	ctx := context.Background()
	made := user.New{Username: p.Username, Locale: "en", Profile: user.Profile{Name: strings.ToUpper(p.Username[:1]) + p.Username[1:]}, Now: time.Now().Add(-30 * 24 * time.Hour)}
	if p.Email != "" {
		made.Emails = []user.NewEmail{{Address: p.Email, Verified: p.Verified}}
	}
	if p.Phone != "" {
		made.Phones = []string{p.Phone}
	}
	if p.Password != "" {
		h := user.NewHasher(runtime.GOMAXPROCS(0), 0, func() user.Cost { return user.Cost{Memory: c.Password.Memory, Iterations: c.Password.Iterations} })
		hash, err := h.NewPassword(ctx, p.Password, user.About{Min: c.Password.Min, Brand: c.Branding.Name, Username: p.Username, Addresses: []string{p.Email}})
		if err != nil {
			w.T.Fatalf("%s: %v", p.Username, err)
		}
		made.PasswordHash = hash
	}
	row, err := user.Create(ctx, db, made)
	if err != nil {
		w.T.Fatalf("%s: %v", p.Username, err)
	}
	p.ID = row.ID
	return p
}

// AddApp switches on an authenticator app for somebody who exists already, and fills p.Key.
func (w *World) AddApp(p *Person) {
	w.T.Helper()
	w.addApp(p)
}

// addApp switches on an authenticator app, two hours ago, so that the present code is still unused.
func (w *World) addApp(p *Person) {
	w.T.Helper()
	ctx, at := context.Background(), time.Now().Add(-2*time.Hour)
	box, err := secret.NewBox(w.Config.MasterKey)
	if err != nil {
		w.T.Fatal(err)
	}
	factors := mfa.New(box, func() *config.Config { return w.Config }, nil)
	err = w.Store.Tx(ctx, func(r storage.Records) error {
		row, err := r.Person(ctx, p.ID)
		if err != nil {
			return err
		}
		e, err := factors.Enrol(ctx, r, mfa.Question{Person: row, Method: acr.TOTP, Now: at}, "")
		if err != nil {
			return err
		}
		p.Key = strings.ReplaceAll(e.App.Key, " ", "")
		v, err := factors.Confirm(ctx, r, mfa.Try{Question: mfa.Question{Person: row, Method: acr.TOTP, Credential: e.FactorID, Now: at}, Form: mfa.Typed(p.CodeAt(at))}, time.Time{})
		if err == nil && !v.OK {
			err = v.Cause
		}
		return err
	})
	if err != nil {
		w.T.Fatalf("%s: %v", p.Username, err)
	}
}

// Recover is the help desk taking every factor from somebody; it reports whether there was one.
func (w *World) Recover(id string) bool {
	w.T.Helper()
	ctx := context.Background()
	err := w.Store.Tx(ctx, func(r storage.Records) error {
		ended := &storage.Event{Name: "session.end", Outcome: "ok", Reason: "factor_reset", PersonID: id, At: time.Now()}
		_, err := user.Recover(ctx, r, nil, w.Config.Policy.Cooling, ended)
		return err
	})
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		w.T.Fatal(err)
	}
	return err == nil
}

// AppCode is what the person's app shows now.
func (p *Person) AppCode() string { return p.CodeAt(time.Now()) }

// CodeAt is what the person's app shows at a time.
func (p *Person) CodeAt(at time.Time) string {
	code, err := totp.GenerateCode(p.Key, at)
	if err != nil {
		panic(err) // the key was made by the server a moment ago
	}
	return code
}
