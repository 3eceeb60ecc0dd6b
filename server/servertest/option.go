package servertest

import (
	_ "embed"
	"reflect"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/server"
)

// Option changes a world.
type Option func(*options)

type options struct {
	postgres bool
	pool     int
	change   func(*config.File)
	fakes    []func(*World) // put into the world before the server is made
}

// OnPostgres keeps the server's data in PostgreSQL; the test is skipped where there is none.
func OnPostgres() Option { return func(o *options) { o.postgres = true } }

// Pool sets the size of the server's pool.
func Pool(n int) Option { return func(o *options) { o.pool = n } }

// With changes the server's configuration before it is checked.
func With(change func(*config.File)) Option {
	return func(o *options) {
		before := o.change
		o.change = func(f *config.File) {
			if before != nil {
				before(f)
			}
			change(f)
		}
	}
}

// MailBy lets mail leave by a server instead of staying in Memory. It takes a socket, so there is no bubble then.
func MailBy(url string) Option {
	return With(func(f *config.File) {
		smtp := notify.Drivers().Kinds["smtp"].Settings()
		v := reflect.ValueOf(smtp).Elem()
		v.FieldByName("URL").SetString(url)
		v.FieldByName("From").SetString("Example Hosting <no-reply@example.test>")
		f.Channels.Email = &config.FileGateway{Driver: "smtp", Settings: smtp}
	})
}

// The configurations. sso.yaml has the policy of examples/hosting.yaml, as far as it is built.
var (
	//go:embed testdata/sso.yaml
	ssoYAML []byte
	//go:embed testdata/social.yaml
	socialYAML []byte
)

// clientSecret is the secret of every confidential client.
var clientSecret = secret.New("sog_cs_")

// masterKey seals what the tests' servers keep.
var masterKey = secret.New("")

// parse reads a configuration: what stands between angle brackets in the files is filled in here.
func (w *World) parse(yaml []byte, url string, change func(*config.File)) *config.Config {
	w.T.Helper()
	env := map[string]string{"DATABASE": url, "MASTER_KEY": masterKey, "CLIENT_SECRET": clientSecret}
	c, err := config.Parse(yaml, config.Options{
		// The outbox driver is all of Dev that is wanted here; the ribbon and the missing HSTS are not.
		Dev: true, Drivers: notify.Drivers(), Overlay: change, Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	if err != nil {
		w.T.Fatal(err)
	}
	c.Dev = false
	return c
}

// Reload puts the world's configuration in force anew, with one more change, on every instance that is given.
func (w *World) Reload(change func(*config.File), instances ...*server.Server) {
	w.T.Helper()
	next := w.parse(ssoYAML, w.url, func(f *config.File) {
		if w.options.change != nil {
			w.options.change(f)
		}
		change(f)
	})
	for _, s := range instances {
		if err := s.Reload(next); err != nil {
			w.T.Fatal(err)
		}
	}
}
