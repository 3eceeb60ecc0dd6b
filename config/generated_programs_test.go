package config

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/panels"
)

// The table of programs in docs/panels.md is made of their files, so that it cannot say anything else than the snippets.
func TestGeneratedTableOfProgramsIsCurrent(t *testing.T) {
	const path, from, to = "../docs/panels.md", "<!-- programs: made by go generate ./config from panels/programs -->\n", "<!-- end of programs -->\n"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), from)
	_, after, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the programs", path)
	}
	want := before + from + programs() + to + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		text = []byte(want)
	}
	if diff := gocmp.Diff(want, string(text)); diff != "" {
		t.Errorf("%s is not what the programs say; run go generate ./config\n%s", path, diff)
	}
}

// programs are two tables: what each needs and who has run it, and what it does with the level and with the end of a stay.
func programs() string {
	var needs, does strings.Builder
	needs.WriteString("| `preset:` | program | run by us | took by hand | PKCE, secret | first surprise |\n|---|---|---|---|---|---|\n")
	does.WriteString("\n| `preset:` | where the level is | refresh | sign-out |\n|---|---|---|---|\n")
	names := panels.Names()
	slices.SortStableFunc(names, func(a, b string) int { // those that were run first
		return boolToInt(panels.Lookup(a).Tried == "") - boolToInt(panels.Lookup(b).Tried == "")
	})
	for _, name := range names {
		p := panels.Lookup(name)
		surprise := "–"
		if len(p.Notes) > 0 {
			surprise = p.Notes[0]
		}
		row(&needs, "`"+name+"`", p.Title, cmp.Or(p.Tried, "not run by us"), cmp.Or(p.Took, "–"), proves(presetClient(p, "https://app.example.it")), surprise)
		row(&does, "`"+name+"`", p.Level, p.Refresh, p.SignOut)
	}
	return needs.String() + does.String()
}

func row(b *strings.Builder, cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", "\\|")
	}
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// proves says in three words what the table of the manual has of a client.
func proves(f FileClient) string {
	pkce := "PKCE"
	switch {
	case len(f.Grants) > 0 && !slices.Contains(f.Grants, "authorization_code") || len(f.RedirectURIs) == 0:
		pkce = "–"
	case f.PKCE == "optional":
		pkce = "no PKCE"
	}
	switch {
	case f.Public:
		return pkce + ", none"
	case len(f.AuthMethod) == 0:
		return pkce + ", either way"
	}
	return pkce + ", " + strings.TrimPrefix(f.AuthMethod[0], "client_secret_")
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
