package config

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

func TestGeneratedFilesAreCurrent(t *testing.T) {
	for path, want := range map[string][]byte{"../soglia.schema.json": Schema(drivers), "../docs/configuration.md": Manual(drivers)} {
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what the code says; run go generate ./config\n%s", path, diff)
		}
	}
}

func TestEveryFieldHasAKeyACommentAndADefaultWithinItsBounds(t *testing.T) {
	words := drivers.comments()
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for _, f := range fieldsOf(typ) {
			name := f.structName + "." + f.goName
			if f.key == "" || words.of(f) == "" || strings.ToLower(f.key) != f.key {
				t.Errorf("%s: key %q, comment %q", name, f.key, words.of(f))
			}
			if f.standard != "" {
				v := reflect.New(f.typ).Elem()
				if problem := setScalar(v, f.standard); problem != "" {
					t.Errorf("%s: default %s", name, problem)
				}
				if problem := outside(v, f); problem != "" {
					t.Errorf("%s: default %s", name, problem)
				}
				if len(f.choices) > 0 && !slices.Contains(f.choices, f.standard) {
					t.Errorf("%s: default is no choice", name)
				}
			}
			if inner := element(f.typ); inner != nil {
				walk(inner)
			}
		}
	}
	walk(reflect.TypeFor[File]())
	walk(reflect.TypeFor[FilePart]())
	walk(gatewayType)
	for _, driver := range drivers.Kinds {
		walk(reflectOf(driver.Settings()).Type())
	}
}

func TestExamplesHoldOnlyKeysOfTheSchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema(drivers), &schema); err != nil {
		t.Fatal(err)
	}
	definitions := schema["$defs"].(map[string]any)
	for _, path := range []string{"hosting.yaml", "minimal.yaml", "certification.yaml", "clients.d/domains.yaml"} {
		data, err := os.ReadFile("../examples/" + path)
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := yaml.Load(data, &document); err != nil {
			t.Fatal(err)
		}
		walkSchema(t, path, document, schema, definitions)
	}
}

// walkSchema is the part of JSON Schema that tells whether an editor would underline a key or a word.
func walkSchema(t *testing.T, path string, value any, schema, definitions map[string]any) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		schema = definitions[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	if either, ok := schema["anyOf"].([]any); ok {
		gateway, _ := value.(map[string]any)
		for _, one := range either { // of gateways, by their driver
			properties, _ := one.(map[string]any)["properties"].(map[string]any)
			if driver, ok := properties["driver"].(map[string]any); ok && driver["const"] == gateway["driver"] {
				walkSchema(t, path, value, one.(map[string]any), definitions)
			}
		}
		return
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, value) {
		t.Errorf("%s: %v is not in %v", path, value, enum)
	}
	switch v := value.(type) {
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for key, inner := range v {
			if p, ok := properties[key].(map[string]any); ok {
				walkSchema(t, path+"."+key, inner, p, definitions)
			} else if p, ok := schema["additionalProperties"].(map[string]any); ok {
				walkSchema(t, path+"."+key, inner, p, definitions)
			} else {
				t.Errorf("%s: the schema does not know %s", path, key)
			}
		}
	case []any:
		for _, inner := range v {
			walkSchema(t, path+"[]", inner, schema["items"].(map[string]any), definitions)
		}
	case string:
		if schema["type"] != "string" {
			t.Errorf("%s: text where the schema has %v", path, schema["type"])
		}
	}
}
