package main

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/secret"
)

// initialise is "soglia init": the files of a first installation, with secrets of its own.
type initialise struct {
	Issuer   string `required:"" help:"Address of this server, as panels and people will see it: https://sso.example.it"`
	Redirect string `required:"" help:"Redirect URI of the first panel: https://panel.example.it/callback"`
	Storage  string `default:"sqlite:soglia.db" help:"Where things are kept (${default}), or postgres://…"`
	Dir      string `default:"." type:"path" help:"Folder to write to (${default})."`
}

// Run writes the files that are not there yet; it never overwrites one. Nothing is written that "soglia check" would refuse.
func (c *initialise) Run(s *streams) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	if err := c.check(files); err != nil {
		return err
	}
	for _, f := range files {
		switch err := writeNew(filepath.Join(c.Dir, f.name), f.text); {
		case errors.Is(err, fs.ErrExist):
			fmt.Fprintf(s.out, "kept  %s: it was there already\n", f.name)
		case err != nil:
			return err
		default:
			fmt.Fprintf(s.out, "wrote %s\n", f.name)
		}
	}
	_, err = fmt.Fprint(s.out, c.filled().Replace(nextSteps))
	return err
}

type newFile struct{ name, text string }

// files are the texts, secrets first: whoever is stopped half-way begins again, and what is there is kept.
func (c *initialise) files() ([]newFile, error) {
	key := make([]byte, 48)
	rand.Read(key)
	fill := c.filled()
	files := []newFile{
		{"master.key", base64.StdEncoding.EncodeToString(key) + "\n"},
		{"panel.secret", secret.New("sog_cs_") + "\n"},
	}
	if c.hasPassword() {
		files = append(files, newFile{storageFile, c.Storage + "\n"})
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	unit := strings.NewReplacer("{dir}", unit(c.Dir), "{program}", unit(program)).Replace(firstUnit)
	if c.hasPassword() {
		line := "LoadCredential=panel.secret:" + c.Dir + "/panel.secret\n"
		unit = strings.Replace(unit, line, line+strings.ReplaceAll(line, "panel.secret", storageFile), 1)
	}
	return append(files,
		newFile{"soglia.yaml", fill.Replace(firstYAML)},
		newFile{"soglia.schema.json", string(config.Schema(notify.Drivers()))},
		newFile{"soglia.service", unit},
	), nil
}

// filled puts what the operator said into a text.
func (c *initialise) filled() *strings.Replacer {
	origin, host := "", "localhost"
	if u, err := url.Parse(c.Redirect); err == nil {
		origin = u.Scheme + "://" + u.Host + "/"
	}
	if u, err := url.Parse(c.Issuer); err == nil {
		host = u.Hostname()
	}
	kept := c.Storage
	if c.hasPassword() {
		kept = "${file:" + storageFile + "}"
	}
	return strings.NewReplacer("{issuer}", quote(c.Issuer), "{storage}", quote(kept), "{admin}", quote(adminIn(c.Dir)),
		"{redirect}", quote(c.Redirect), "{origin}", quote(origin), "{host}", host, "{sender}", "no-reply@"+mailDomain(host))
}

// storageFile holds the address of a database whose password stands in it: the YAML is read by more people than that.
const storageFile = "storage.url"

func (c *initialise) hasPassword() bool {
	u, err := url.Parse(c.Storage)
	if err != nil {
		return false
	}
	_, has := u.User.Password()
	return has || u.Query().Has("password")
}

// mailDomain is the domain that mail comes from: that of the issuer, without a first label that only names the service.
func mailDomain(host string) string {
	if _, err := netip.ParseAddr(host); err == nil { // a trial: it has none, and "soglia check" says what that means
		return "localhost"
	}
	service, domain, _ := strings.Cut(host, ".")
	if strings.Contains(domain, ".") && slices.Contains([]string{"sso", "login", "auth", "id", "accounts", "account", "accesso", "signin"}, service) {
		return domain
	}
	return host
}

// check reads the YAML as "soglia check" would, and tells each mistake by the option that made it.
func (c *initialise) check(files []newFile) error {
	dir, err := os.MkdirTemp("", "soglia-init-*") // its own user's alone
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, f := range files {
		if err := writeNew(filepath.Join(dir, f.name), f.text); err != nil {
			return err
		}
	}
	options := reading()
	options.Env = func(name string) (string, bool) { return "smtp://127.0.0.1:25", name == "SMTP_URL" }
	_, err = config.Load(filepath.Join(dir, "soglia.yaml"), options)
	var mistakes *config.Errors
	if !errors.As(err, &mistakes) {
		return err
	}
	var told, followed []error
	template := strings.Split(firstYAML, "\n")
	for _, m := range mistakes.List {
		option := "soglia.yaml"
		if m.Line > 0 && m.Line <= len(template) {
			for _, name := range []string{"issuer", "storage", "redirect", "origin"} {
				if strings.Contains(template[m.Line-1], "{"+name+"}") {
					option = "--" + cmp.Or(map[string]string{"origin": "redirect"}[name], name)
				}
			}
		}
		line := option + ": " + m.Message
		if m.Hint != "" {
			line += "\n  " + m.Hint
		}
		list := &told
		if m.Line > 0 && m.Line <= len(template) && (strings.Contains(template[m.Line-1], "{origin}") || strings.Contains(template[m.Line-1], "{sender}")) {
			list = &followed // made of an option that is wrong itself
		}
		if !slices.ContainsFunc(*list, func(e error) bool { return e.Error() == line }) {
			*list = append(*list, errors.New(line))
		}
	}
	if len(told) == 0 {
		told = followed
	}
	return exit1{fmt.Errorf("%w\nnothing was written", errors.Join(told...))}
}

// writeNew writes a file for its owner alone; fs.ErrExist when there is one.
func writeNew(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// adminIn is a socket in the folder, or a loopback port where its path would be longer than sockets' names may be.
func adminIn(dir string) string {
	if path := filepath.Join(dir, "admin.sock"); len(path) < 100 { // sun_path: 104 bytes at least
		return "unix:" + path
	}
	return "127.0.0.1:8489"
}

// unit makes a path fit for a systemd unit (specifiers of systemd.unit(5)).
func unit(path string) string { return strings.ReplaceAll(path, "%", "%%") }

// quote is a YAML double-quoted scalar.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
