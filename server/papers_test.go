package server_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// source is what the Go files of the repository say and test.
type source struct {
	comments map[string][]string        // by file, from the root
	tests    map[string]map[string]bool // by folder, from the root: names of test functions
}

func readSource(t *testing.T) *source {
	t.Helper()
	s := &source{map[string][]string{}, map[string]map[string]bool{}}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator)))
		for _, group := range file.Comments {
			s.comments[path] = append(s.comments[path], strings.Join(strings.Fields(group.Text()), " "))
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		folder := filepath.ToSlash(filepath.Dir(path))
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				if s.tests[folder] == nil {
					s.tests[folder] = map[string]bool{}
				}
				s.tests[folder][f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// paper is a document with tables whose rows begin with an id or a number.
type paper struct {
	file string
	rows map[string]string
}

var row = regexp.MustCompile(`(?m)^\| ([A-Z]\d\d|\d+) \|.*$`)

func readPaper(t *testing.T, file string) paper {
	t.Helper()
	text, err := os.ReadFile("../" + file)
	if err != nil {
		t.Fatal(err)
	}
	p := paper{file, map[string]string{}}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		if p.rows[m[1]] != "" {
			t.Errorf("%s has two rows %s", file, m[1])
		}
		p.rows[m[1]] = m[0]
	}
	return p
}

var (
	document = regexp.MustCompile(`[A-Za-z0-9_./-]*[A-Za-z0-9]\.md\b`)
	caseID   = regexp.MustCompile(`\b[A-GKLNPQRTW]\d\d\b`)
	nameID   = regexp.MustCompile(`^Test(?:Race)?((?:[A-Z]\d\d_?)+)`)
	oneID    = regexp.MustCompile(`[A-Z]\d\d`)
	promise  = regexp.MustCompile(`\b[Pp]romises? (\d+)(?: and (\d+))?`)
	fault    = regexp.MustCompile(`\b[Ff]aults? (\d+)\b`)
	nameFlt  = regexp.MustCompile(`Fault0?(\d+)`)
	shown    = regexp.MustCompile("`([a-z]+(?:/[a-z]+)*)` (Test\\w+(?:, Test\\w+)*)")
)

// Percentiles look like ids of the passkeys' family.
var noCase = map[string]bool{"P50": true, "P90": true, "P95": true, "P99": true}

// What a comment leans on has to be there for whoever reads it. It once was not: sixty comments cited papers that only
// their authors had.
func TestPapersThatCommentsCiteExist(t *testing.T) {
	for file, comments := range readSource(t).comments {
		for _, c := range comments {
			for _, doc := range document.FindAllString(c, -1) {
				near := filepath.Join("..", filepath.Dir(file), doc)
				if _, err := os.Stat("../" + doc); err != nil {
					if _, err := os.Stat(near); err != nil {
						t.Errorf("%s cites %s, which is neither in the root nor beside it", file, doc)
					}
				}
			}
			if strings.Contains(c, "(design: ") || strings.Contains(c, "(help: ") {
				t.Errorf("%s cites a paper without its name: %q", file, c)
			}
		}
	}
}

func TestIDsThatCommentsAndTestsCiteAreInTheirTables(t *testing.T) {
	s := readSource(t)
	cases, promises, faults := readPaper(t, "docs/security.md"), readPaper(t, "docs/promises.md"), readPaper(t, "docs/faults.md")
	cited := func(where, id string, p paper) {
		if id != "" && p.rows[id] == "" && !noCase[id] {
			t.Errorf("%s cites %s, which has no row in %s", where, id, p.file)
		}
	}
	for file, comments := range s.comments {
		for _, c := range comments {
			for _, id := range caseID.FindAllString(c, -1) {
				cited(file, id, cases)
			}
			for _, m := range promise.FindAllStringSubmatch(c, -1) {
				cited(file, m[1], promises)
				cited(file, m[2], promises)
			}
			for _, m := range fault.FindAllStringSubmatch(c, -1) {
				cited(file, m[1], faults)
			}
		}
	}
	for folder, tests := range s.tests {
		for name := range tests {
			if m := nameID.FindStringSubmatch(name); m != nil {
				for _, id := range oneID.FindAllString(m[1], -1) {
					cited(folder+" "+name, id, cases)
				}
			}
			for _, m := range nameFlt.FindAllStringSubmatch(name, -1) {
				cited(folder+" "+name, m[1], faults)
			}
		}
	}
}

// A table that names a test that is gone promises what nobody looks at.
func TestTestsThatPapersNameExist(t *testing.T) {
	s := readSource(t)
	for _, file := range []string{"docs/security.md", "docs/promises.md", "docs/faults.md"} {
		p, named := readPaper(t, file), 0
		for id, line := range p.rows {
			for _, m := range shown.FindAllStringSubmatch(line, -1) {
				for name := range strings.SplitSeq(m[2], ", ") {
					if named++; !s.tests[m[1]][name] {
						t.Errorf("%s %s: no %s in %s", file, id, name, m[1])
					}
				}
			}
			if strings.Count(line, "| – |") == 0 && !shown.MatchString(line) {
				t.Errorf("%s %s names no test and does not say so", file, id)
			}
		}
		if named < 10 {
			t.Errorf("%s: %d tests were found in its tables, which cannot be right", file, named)
		}
	}
}

func TestEveryAuditNameIsExplainedAndWritten(t *testing.T) {
	text, err := os.ReadFile("../docs/conventions.md")
	if err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadFile("../audit/names.go")
	if err != nil {
		t.Fatal(err)
	}
	product := productText(t)
	found := regexp.MustCompile(`(?m)^\t(\w+) += "(\w+(?:\.\w+)+)"`).FindAllStringSubmatch(string(names), -1)
	if len(found) < 20 {
		t.Fatalf("only %d names were found", len(found))
	}
	seen := map[string]bool{}
	for _, m := range found {
		if seen[m[2]] {
			t.Errorf("%s is there twice", m[2])
		}
		seen[m[2]] = true
		if !strings.Contains(string(text), "`"+m[2]+"`") {
			t.Errorf("docs/conventions.md does not say what %s means", m[2])
		}
		if !regexp.MustCompile(`\baudit\.` + m[1] + `\b`).MatchString(product) {
			t.Errorf("nothing writes %s", m[2])
		}
	}
}

// productText is all Go of the product, without its tests.
func productText(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		all.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
