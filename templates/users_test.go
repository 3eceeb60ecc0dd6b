package templates

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A text that nothing shows is translated, read aloud and kept for nobody. Its id stands in code or in a page whole, or as
// the beginning that a method, a month or a reason completes.
func TestEveryTextHasAUser(t *testing.T) {
	source := sourceOf(t, func(path string) bool { return filepath.Ext(path) == ".go" || filepath.Ext(path) == ".html" })
	named := func(id string) bool { return strings.Contains(source, `"`+id+`"`) }
	s := newSet(t)
	for id := range s.texts.known["it"] {
		used := named(id)
		for i, r := range id {
			used = used || r == '.' && (named(id[:i]) || named(id[:i+1]))
		}
		if !used {
			t.Errorf("nothing shows %q", id)
		}
	}
}

// A page that no handler shows is drawn, translated and looked at for nobody.
func TestEveryPageHasAHandler(t *testing.T) {
	here := sourceOf(t, func(path string) bool { return filepath.Dir(path) == "../templates" && filepath.Ext(path) == ".go" })
	handlers := sourceOf(t, func(path string) bool { return filepath.Dir(path) != "../templates" && filepath.Ext(path) == ".go" })
	pages := regexp.MustCompile(`(?m)^func \(\w* ?\*(\w+)\) kind\(\) kind`).FindAllStringSubmatch(here, -1)
	if len(pages) < 20 {
		t.Fatalf("only %d pages were found", len(pages))
	}
	for _, page := range pages {
		if !strings.Contains(handlers, "templates."+page[1]+"{") {
			t.Errorf("no handler shows %s", page[1])
		}
	}
}

// sourceOf is the text of all files of the product that are wanted.
func sourceOf(t *testing.T, wanted func(path string) bool) string {
	t.Helper()
	var source strings.Builder
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !wanted(path) {
			return err
		}
		b, err := os.ReadFile(path)
		source.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return source.String()
}
