// Command walls counts what must stay in one place, and fails where it does not: `make walls`.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	code, err := read(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	failed := false
	say := func(what string, most int, found []string) {
		verdict := "ok"
		if len(found) > most {
			verdict, failed = "TOO MANY", true
		}
		fmt.Printf("%-62s %3d  (at most %d) %s\n", what, len(found), most, verdict)
		if len(found) > most || most == 1 {
			for _, at := range found {
				fmt.Println("    " + at)
			}
		}
	}
	outside := func(f file) bool { return !strings.HasPrefix(f.name, "storage/") }
	say("call sites that end a session outside storage", 1, code.lines(`\.EndSessions\(`, outside))
	say("call sites that end a grant outside storage", 1, code.lines(`\.EndGrants\(`, outside))
	say("json.Marshal(consent.Asked", 1, code.lines(`json\.Marshal\(consent\.Asked`, func(file) bool { return true }))
	say(fmt.Sprintf("pairs of %d lines or more between login and account", run), 0, code.in("login/").twins(code.in("account/")))
	var op []string
	for _, f := range code.in("op/") {
		op = append(op, f.name)
	}
	say("files in op", 29, op)
	if failed {
		os.Exit(1)
	}
}

// file is a Go file of the product: no test, and none of the walls' own.
type file struct {
	name string // slashes, from the root
	text []string
}

type files []file

func read(root string) (files, error) {
	var out files
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		name = filepath.ToSlash(name)
		if d.IsDir() {
			if slices.Contains([]string{"tools", "bench", "server/servertest", "server/cases"}, name) || strings.HasPrefix(d.Name(), ".") && name != "." {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		raw, err := os.ReadFile(path)
		out = append(out, file{name, strings.Split(string(raw), "\n")})
		return err
	})
	return out, err
}

func (fs files) in(folder string) files {
	return slices.DeleteFunc(slices.Clone(fs), func(f file) bool { return !strings.HasPrefix(f.name, folder) })
}

// lines are the places where the expression stands in code.
func (fs files) lines(expression string, of func(file) bool) []string {
	var out []string
	re := regexp.MustCompile(expression)
	for _, f := range fs {
		for i, line := range f.text {
			if of(f) && re.MatchString(line) && !strings.HasPrefix(strings.TrimSpace(line), "//") {
				out = append(out, fmt.Sprintf("%s:%d", f.name, i+1))
			}
		}
	}
	return out
}

// run is how many equal lines, one after the other, are a twin. Blank lines, comments and imports do not count.
const run = 6

type line struct {
	text string
	at   int
}

func (f file) code() []line {
	var out []line
	imports := false
	for i, text := range f.text {
		text = strings.TrimSpace(text)
		switch {
		case strings.HasPrefix(text, "import ("):
			imports = true
		case imports:
			imports = text != ")"
		case text == "" || strings.HasPrefix(text, "//") || strings.HasPrefix(text, "package "):
		default:
			out = append(out, line{text, i + 1})
		}
	}
	return out
}

// twins are the longest runs that a file of fs and one of others share.
func (fs files) twins(others files) []string {
	var out []string
	for _, f := range fs {
		a := f.code()
		for _, o := range others {
			b := o.code()
			for i := range a {
				for j := range b {
					if i > 0 && j > 0 && a[i-1].text == b[j-1].text {
						continue // within a run that was found
					}
					n := 0
					for i+n < len(a) && j+n < len(b) && a[i+n].text == b[j+n].text {
						n++
					}
					if n >= run {
						out = append(out, fmt.Sprintf("%s:%d and %s:%d, %d lines", f.name, a[i].at, o.name, b[j].at, n))
					}
				}
			}
		}
	}
	return out
}
