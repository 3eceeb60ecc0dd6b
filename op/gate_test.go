package op

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestOnlyTheGateIssuesCodes reads the program's own text: IssueCode is called in gate.issue, and a Granted is asked for
// there and nowhere else made.
func TestOnlyTheGateIssuesCodes(t *testing.T) {
	calls := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasPrefix(path, "../storage/") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			name := ""
			if f, ok := decl.(*ast.FuncDecl); ok {
				name = f.Name.Name
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				// A store that watches another one hands the call on under its own name: still the gate's call.
				if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "IssueCode" && name != "IssueCode" {
					calls++
					if path != "../op/gate.go" || name != "issue" {
						t.Errorf("%s: %s issues codes beside the gate", path, name)
					}
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls != 1 {
		t.Errorf("%d calls of IssueCode, want one", calls)
	}
}
