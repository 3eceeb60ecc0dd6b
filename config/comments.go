package config

import (
	"embed"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"strings"
)

// The comments of the fields are the manual: they are read from the source, which travels in the binary for it, so
// that schema, documentation and code cannot differ.
//
//go:embed file*.go
var sourceText embed.FS

// comments maps "FileClient.ID" to what the source says of a field, in this package and in those of drivers.
type comments map[string]string

// comments are those of the file's own keys and of the drivers'.
func (d Drivers) comments() comments {
	out := comments{}
	out.read(sourceText)
	if d.Source != nil {
		out.read(d.Source)
	}
	return out
}

func (c comments) read(source fs.FS) {
	entries, err := fs.ReadDir(source, ".")
	if err != nil {
		panic(err) // embedded
	}
	for _, e := range entries {
		text, _ := fs.ReadFile(source, e.Name())
		tree, err := parser.ParseFile(token.NewFileSet(), e.Name(), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			panic(err) // compiled
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if t, ok := n.(*ast.TypeSpec); ok {
				if s, ok := t.Type.(*ast.StructType); ok {
					for _, f := range s.Fields.List {
						for _, name := range f.Names {
							c[t.Name.Name+"."+name.Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
						}
					}
				}
			}
			return true
		})
	}
}

// of returns what the source says of a field.
func (c comments) of(f field) string { return c[f.structName+"."+f.goName] }

// element returns the struct type inside t's pointers, lists and maps, or nil.
func element(t reflect.Type) reflect.Type {
	if isGateway(t) {
		return nil
	}
	for {
		_, own := shapes[t]
		switch {
		case own:
			return nil
		case t.Kind() == reflect.Struct:
			return t
		case t.Kind() != reflect.Pointer && t.Kind() != reflect.Slice && t.Kind() != reflect.Map:
			return nil
		}
		t = t.Elem()
	}
}
