package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/soglia-sso/soglia/storage"
)

// leaves are all commands there are, as they are typed.
func leaves(t *testing.T) map[string]*kong.Node {
	t.Helper()
	var options []kong.Option
	for _, c := range commands {
		options = append(options, kong.DynamicCommand(c.name, c.help, "", c.command))
	}
	parser, err := kong.New(&struct{}{}, options...)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*kong.Node{}
	for _, leaf := range parser.Model.Leaves(false) {
		var words []string
		for n := leaf; n != nil && n.Type == kong.CommandNode; n = n.Parent {
			words = append([]string{n.Name}, words...)
		}
		out[strings.Join(words, " ")] = leaf
	}
	return out
}

// Some commands took the configuration's name as --file, others as an argument.
func TestQ36EveryCommandTakesTheConfigurationTheSameWay(t *testing.T) {
	for name, leaf := range leaves(t) {
		for _, arg := range leaf.Positional {
			if strings.Contains(arg.Name, "file") {
				t.Errorf("%s takes %s as an argument", name, arg.Name)
			}
		}
		for _, f := range leaf.Flags {
			if f.Default == "soglia.yaml" && f.Name != "file" {
				t.Errorf("%s calls the configuration --%s", name, f.Name)
			}
		}
	}
}

// changes are the commands after which something is different, in an order in which each finds something to do.
var changes = []struct{ name, args string }{
	{"migrate up", ""},
	{"user add", "anna --email anna@example.it"},
	{"user add", "bert --email bert@example.it --invite"},
	{"user invite", "bert"},
	{"user groups", "anna --add staff --add billing/it"},
	{"user groups", "anna --remove staff"},
	{"user lock", "anna"},
	{"user unlock", "anna"},
	{"user sessions", "anna --end-all"},
	{"user reset-factor", "anna"},
	{"user waive-rest", "anna --reason seen"},
	{"user unlink", "anna social"},
	{"client revoke", "panel"},
	{"keys rotate", ""},
	{"keys retire", "KID"},
	{"keys retire", "KID --emergency"},
}

// looks are the commands after which nothing is.
var looks = []struct{ name, args string }{
	{"audit tail", ""}, {"audit find", "7F3K-92QD"}, {"check", ""}, {"client hash-secret", ""}, {"client list", ""}, {"client snippet", "panel"}, {"explain", "--user anna --client panel --scope openid"}, {"keys list", ""}, {"migrate status", ""},
	{"provider list", ""}, {"schema", ""}, {"user groups", "anna"}, {"user sessions", "anna"}, {"user show", "anna"}, {"version", ""},
}

// notRun are those whose act is another program's, or that have no database: why the test below does not run them.
var notRun = map[string]string{
	"serve":        "records the configuration it starts with (testdata/script/serve.txtar)",
	"reload":       "the server records it, with who asked (testdata/script/serve.txtar)",
	"healthcheck":  "asks the server",
	"init":         "writes files; there is no database yet",
	"dev":          "keeps nothing",
	"message test": "sends past the outbox, and leaves there only what its receipt is noted on",
}

// Whoever adds a command says here whether it changes something, and then it leaves a record that names the system's user.
// "user add" left none.
func TestQ37EveryCommandThatChangesSomethingLeavesARecordOfWhoRanIt(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("SMTP_URL", "smtp://127.0.0.1:25")
	known := map[string]bool{}
	for name := range notRun {
		known[name] = true
	}
	do := func(name, args string) {
		t.Helper()
		known[name] = true
		var out bytes.Buffer
		line := append(strings.Fields(name), strings.Fields(args)...)
		if code := run(t.Context(), line, &streams{strings.NewReader(""), &out, &out}); code != 0 {
			t.Fatalf("%v: exit %d\n%s", line, code, out.String())
		}
	}
	do("init", "--issuer https://sso.example.it --redirect https://panel.example.it/callback")
	for _, c := range changes {
		before := records(t)
		prepare(t, c.name)
		do(c.name, strings.Replace(c.args, "KID", activeKey(t, c.name), 1))
		after := records(t)[len(before):]
		if len(after) == 0 {
			t.Errorf("%s %s leaves no record", c.name, c.args)
		}
		for _, ev := range after {
			var by struct {
				UID *int `json:"uid"`
			}
			if err := json.Unmarshal(ev.Detail, &by); err != nil || by.UID == nil || *by.UID != os.Getuid() || ev.Actor != operator {
				t.Errorf("%s %s: the record %s names %q and %s", c.name, c.args, ev.Name, ev.Actor, ev.Detail)
			}
		}
	}
	for _, c := range looks {
		before := files(t)
		do(c.name, c.args)
		if !bytes.Equal(before, files(t)) {
			t.Errorf("%s %s changes the database", c.name, c.args)
		}
	}
	for name := range leaves(t) {
		if !known[name] {
			t.Errorf("%s is in none of the three lists", name)
		}
	}
}

func database(t *testing.T) operated {
	t.Helper()
	_, db, err := configured{"soglia.yaml"}.openAsIs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// records are all, oldest first; none before there are tables.
func records(t *testing.T) []*storage.Event {
	t.Helper()
	db := database(t)
	defer db.Close()
	if have, _, err := db.Version(t.Context()); err != nil || have == 0 {
		return nil
	}
	all, err := db.Events(t.Context(), "", time.Time{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(all)
	return all
}

// files are the database's bytes.
func files(t *testing.T) []byte {
	t.Helper()
	names, err := filepath.Glob("soglia.db*")
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// prepare gives the person what the command takes away.
func prepare(t *testing.T, command string) {
	t.Helper()
	if command != "user reset-factor" && command != "user unlink" {
		return
	}
	db := database(t)
	defer db.Close()
	anna, err := db.PersonByUsername(t.Context(), "anna")
	if err != nil {
		t.Fatal(err)
	}
	if command == "user unlink" {
		err = db.PutIdentity(t.Context(), &storage.Identity{Provider: "social", Subject: "a", PersonID: anna.ID, Created: db.Now()})
	} else {
		err = db.PutFactor(t.Context(), &storage.Factor{ID: "app", PersonID: anna.ID, Method: "totp", Sealed: []byte("x"), Created: db.Now()})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// activeKey is a key that the command can retire.
func activeKey(t *testing.T, command string) string {
	t.Helper()
	if command != "keys retire" {
		return ""
	}
	db := database(t)
	defer db.Close()
	all, err := db.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		if k.RetiredAt.IsZero() && !k.ActiveFrom.After(db.Now()) {
			return k.ID
		}
	}
	t.Fatal("no key to retire")
	return ""
}
