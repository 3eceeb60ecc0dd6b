package sql_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// roads are the functions that write the rows second steps rest on. Whoever adds one says here why it voids second steps,
// or need not (storage.People.VoidSecondSteps).
var roads = map[string]string{
	"RemoveFactor: DELETE FROM factors":      "voids, unless the factor was pending",
	"putFactor: INSERT INTO factors":         "its one caller, PutFactor, voids when it swaps",
	"lockPerson: UPDATE persons":             "holds the row and changes nothing",
	"SwapFactor: DELETE FROM factors":        "voids",
	"SwapFactor: UPDATE factors":             "the one that comes in its place",
	"dropPending: DELETE FROM factors":       "pending ones only",
	"UseStep: UPDATE factors":                "takes nothing away",
	"ActivateFactor: UPDATE factors":         "adds one",
	"AddFactorChannel: UPDATE factors":       "takes nothing away",
	"Freeze: UPDATE persons":                 "its callers void, and it keeps out what comes after",
	"Unfreeze: UPDATE persons":               "takes nothing away",
	"ChooseWay: UPDATE persons":              "knows nothing of second_since",
	"Sweep: DELETE FROM factors":             "pending ones only",
	"RemoveIdentity: DELETE FROM identities": "voids",
	"insertIdentity: INSERT INTO identities": "links, or keeps the person it is linked to",
	"ProveIdentity: UPDATE identities":       "takes nothing away",
	"CreatePerson: INSERT INTO persons":      "nobody was there",
	"UpdatePerson: UPDATE persons":           "knows nothing of second_since",
	"RehashPassword: UPDATE persons":         "the same password",
	"PutRecoveryCodes: UPDATE persons":       "codes stand in for a factor that is still there",
	"void: UPDATE persons":                   "does it",
	"clearBirth: UPDATE persons":             "takes the mark of birth away, after a change of a contact",
	"markClaimed: UPDATE persons":            "takes the mark of birth away; its callers void where something goes",
	"UnproveIdentities: UPDATE identities":   "goes with the removal of a factor, which voids",
}

var (
	writes = regexp.MustCompile(`(?:DELETE FROM|INSERT INTO|UPDATE) (?:factors|identities|persons)\b`)
	raises = regexp.MustCompile(`second_since = [$]`)
)

// Q64: no road by which a factor or a linked login goes forgets to void what was proved before.
func TestQ64NoRoadOfRemovalForgetsToVoid(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			name := "a variable"
			switch d := d.(type) {
			case *ast.FuncDecl:
				name = d.Name.Name
			case *ast.GenDecl:
				if v, ok := d.Specs[0].(*ast.ValueSpec); ok {
					name = v.Names[0].Name
				}
			}
			ast.Inspect(d, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range writes.FindAllString(text, -1) {
					road := name + ": " + w
					found[road] = true
					if roads[road] == "" {
						t.Errorf("%s: %s is a new road: does it take a second step away?", f.Name(), road)
					}
				}
				if raises.MatchString(text) && name != "void" {
					t.Errorf("%s: %s writes second_since; void does", f.Name(), name)
				}
				return true
			})
		}
	}
	for road := range roads {
		if !found[road] {
			t.Errorf("%s is no road any more", road)
		}
	}
}
