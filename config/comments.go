package config

import (
	"embed"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"sync"
)

// The comments of the fields are the manual: they are read from the source, which travels in the binary for it, so
// that schema, documentation and code cannot differ.
//
//go:embed file*.go
var sourceText embed.FS

// comments maps "FileClient" and "FileClient.ID" to what the source says of them.
var comments = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	entries, err := sourceText.ReadDir(".")
	if err != nil {
		panic(err) // embedded
	}
	for _, e := range entries {
		text, _ := sourceText.ReadFile(e.Name())
		tree, err := parser.ParseFile(token.NewFileSet(), e.Name(), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			panic(err) // compiled
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if t, ok := n.(*ast.TypeSpec); ok {
				if s, ok := t.Type.(*ast.StructType); ok {
					for _, f := range s.Fields.List {
						out[t.Name.Name+"."+f.Names[0].Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
					}
				}
			}
			return true
		})
	}
	return out
})

// comment returns what the source says of a field.
func (f field) comment() string { return comments()[f.structName+"."+f.goName] }

// element returns the struct type inside t's pointers, lists and maps, or nil.
func element(t reflect.Type) reflect.Type {
	if t == reflect.TypeFor[ClientSecrets]() || t == reflect.TypeFor[OnUnmet]() || t == reflect.TypeFor[PerChannel]() ||
		t == reflect.TypeFor[ClientKeys]() || t == reflect.TypeFor[Introspect]() {
		return nil
	}
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		return t
	}
	return nil
}
