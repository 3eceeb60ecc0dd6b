package server_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// built is a package with what the compiler told of it, which spares reading the sources of all that it imports.
type built struct {
	ImportPath, Dir, Export string
	GoFiles, Imports        []string
}

func compiled(t *testing.T) map[string]built {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]built{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p built
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
}

// An option that nothing reads promises operators what nobody does: contacts.revert and password.set_ends were parsed,
// documented, and in force nowhere. Each field of the snapshot is read outside of the code that fills it: in another package,
// or in a method of the snapshot.
func TestEveryFieldOfTheConfigurationHasAReader(t *testing.T) {
	const config = module + "/config"
	all, set := compiled(t), token.NewFileSet()
	imports := importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(all[path].Export) })
	pkg, err := imports.Import(config)
	if err != nil {
		t.Fatal(err)
	}
	unread := map[string]bool{}
	fields(pkg.Scope().Lookup("Config").Type(), unread)
	if len(unread) < 50 {
		t.Fatalf("the snapshot has only %d fields", len(unread))
	}
	for path, p := range all {
		if path != config && !slices.Contains(p.Imports, config) || strings.HasPrefix(path, module+"/server/") { // which are for tests
			continue
		}
		var files []*ast.File
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		info := types.Info{Selections: map[*ast.SelectorExpr]*types.Selection{}}
		if _, err := (&types.Config{Importer: imports}).Check(path, set, files, &info); err != nil {
			t.Fatal(err)
		}
		for at, s := range info.Selections {
			if s.Kind() == types.FieldVal && (path != config || inExportedMethod(files, at)) {
				for of, field := range selected(s) {
					delete(unread, fieldName(of, field))
				}
			}
		}
	}
	for name := range unread {
		t.Errorf("nothing reads %s", name)
	}
}

// fields collects those of the structs of package config that a type is made of.
func fields(typ types.Type, into map[string]bool) {
	switch t := types.Unalias(typ).(type) {
	case interface{ Elem() types.Type }: // pointers, slices, maps
		fields(t.Elem(), into)
	case *types.Named:
		of, isStruct := t.Underlying().(*types.Struct)
		switch {
		case t.Obj().Pkg() == nil || t.Obj().Pkg().Path() != module+"/config" || t.Obj().Name() == "Mistake": // which is for people
		case !isStruct:
			fields(t.Underlying(), into)
		default:
			for v := range of.Fields() {
				if name := fieldName(t, v); v.Exported() && !into[name] {
					into[name] = true
					fields(v.Type(), into)
				}
			}
		}
	}
}

// inExportedMethod reports whether code is in a method of an exported type: those of the snapshot. What fills it is not.
func inExportedMethod(files []*ast.File, at ast.Node) bool {
	for _, file := range files {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil || at.Pos() < f.Pos() || at.Pos() >= f.End() {
				continue
			}
			of := f.Recv.List[0].Type
			if p, ok := of.(*ast.StarExpr); ok {
				of = p.X
			}
			name, ok := of.(*ast.Ident)
			return ok && name.IsExported()
		}
	}
	return false
}

// selected are the fields on the way of a selector, embedded ones too, with the structs they are in.
func selected(s *types.Selection) iter.Seq2[types.Type, *types.Var] {
	return func(yield func(types.Type, *types.Var) bool) {
		of := s.Recv()
		for _, i := range s.Index() {
			if p, ok := of.Underlying().(*types.Pointer); ok {
				of = p.Elem()
			}
			field := of.Underlying().(*types.Struct).Field(i)
			if !yield(of, field) {
				return
			}
			of = field.Type()
		}
	}
}

// fieldName is path.Type.Field.
func fieldName(of types.Type, field *types.Var) string {
	return types.TypeString(types.Unalias(of), nil) + "." + field.Name()
}
