package templates

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A text that nothing shows is translated, read aloud and kept for nobody. Its id stands in code or in a page whole, or as
// the beginning that a method, a month or a reason completes.
func TestEveryTextHasAUser(t *testing.T) {
	var source strings.Builder
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || filepath.Ext(path) != ".go" && filepath.Ext(path) != ".html" {
			return err
		}
		b, err := os.ReadFile(path)
		source.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := func(id string) bool { return strings.Contains(source.String(), `"`+id+`"`) }
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
