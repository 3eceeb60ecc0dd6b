package acr

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever adds a reason, here or beside the decision, gives it a sentence in words.go.
func TestEveryReasonAndEveryFlawHasItsSentence(t *testing.T) {
	said, n := map[string]bool{}, 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			var words func(string) string
			switch kind := typeName(spec.Type); {
			case kind == "acr.Reason", kind == "Reason" && file.Name.Name == "acr":
				words = func(s string) string { return Reason(s).Words() }
			case kind == "Flaw" && file.Name.Name == "acr":
				words = func(s string) string { return Flaw(s).Words() }
			default:
				return true
			}
			value, ok := spec.Values[0].(*ast.BasicLit)
			if !ok {
				return true
			}
			if text := strings.Trim(value.Value, `"`); text != "" {
				n++
				if words(text) == "" {
					t.Errorf("%s: %s has no sentence in acr/words.go", path, spec.Names[0].Name)
				}
				said[text] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 30 {
		t.Errorf("only %d reasons and flaws were found: does this test still read the code?", n)
	}
	for r, words := range reasons {
		if !said[string(r)] || !strings.HasSuffix(words, ".") {
			t.Errorf("the sentence of %q belongs to no reason, or is none: %s", r, words)
		}
	}
	for f, words := range flaws {
		if !said[string(f)] || !strings.HasSuffix(words, ".") {
			t.Errorf("the sentence of %q belongs to no flaw, or is none: %s", f, words)
		}
	}
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return typeName(e.X) + "." + e.Sel.Name
	}
	return ""
}
