package people

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
)

type schema struct {
	Required   []string       `json:"required"`
	Additional *bool          `json:"additionalProperties"`
	Properties map[string]any `json:"properties"`
}

type contract struct {
	OpenAPI    string                                `json:"openapi"`
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Schemas   map[string]schema          `json:"schemas"`
		Responses map[string]json.RawMessage `json:"responses"`
	} `json:"components"`
}

func read(t *testing.T) contract {
	t.Helper()
	var c contract
	if err := json.Unmarshal(openapi, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheContractInDocsIsTheOneServed(t *testing.T) {
	raw, err := os.ReadFile("../docs/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(raw, openapi) {
		t.Error("docs/openapi.json is not people/openapi.json: copy it")
	}
}

func TestRoutesAndContractAgree(t *testing.T) {
	c := read(t)
	if !strings.HasPrefix(c.OpenAPI, "3.1") {
		t.Errorf("version %s", c.OpenAPI)
	}
	var promised, served []string
	for path, methods := range c.Paths {
		for m := range methods {
			if m != "parameters" {
				promised = append(promised, strings.ToUpper(m)+" "+path)
			}
		}
	}
	on := New(Options{Config: func() *config.Config { return &config.Config{Registration: config.Registration{PeopleAPI: true}} }})
	for _, r := range on.Routes() {
		if r.Pattern != "/api/openapi.json" {
			served = append(served, r.Methods[0]+" "+r.Pattern)
		}
	}
	slices.Sort(promised)
	slices.Sort(served)
	if !slices.Equal(promised, served) {
		t.Errorf("promised %v, served %v", promised, served)
	}
	off := New(Options{Config: func() *config.Config { return &config.Config{} }})
	if n := len(off.Routes()); n > 0 {
		t.Errorf("T07: %d routes while registration.people_api is off", n)
	}
}

func TestDocumentsAndContractAgree(t *testing.T) {
	schemas := read(t).Components.Schemas
	members := slices.Sorted(maps.Keys(fields))
	same := func(name string, want []string) {
		t.Helper()
		s := schemas[name]
		if s.Additional == nil || *s.Additional {
			t.Errorf("%s lets unknown members in", name)
		}
		if got := slices.Sorted(maps.Keys(s.Properties)); !slices.Equal(got, want) {
			t.Errorf("%s has %v, the code %v", name, got, want)
		}
	}
	same("PersonDocument", members)
	same("PersonPatch", members)
	same("NewPerson", slices.Sorted(slices.Values(append(slices.Clone(members), "external_id"))))
	same("Person", tags(shown{}))
	same("Problem", tags(problem{}))
	if got := slices.Sorted(slices.Values(schemas["Person"].Required)); !slices.Equal(got, tags(shown{})) {
		t.Errorf("an answer always has all of %v, the contract requires %v", tags(shown{}), got)
	}
	for _, secret := range []string{"password", "factor", "hash", "secret", "totp"} {
		for name, s := range schemas {
			for member := range s.Properties {
				if strings.Contains(member, secret) {
					t.Errorf("T06: %s has a member %s", name, member)
				}
			}
		}
	}
}

// tags are the JSON members of a struct.
func tags(v any) []string {
	var out []string
	for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func TestEveryProblemHasAStatusTheContractNames(t *testing.T) {
	raw := string(openapi)
	for _, p := range []*problem{errNotFound, errExists, errUsername, errMoved, errStale, invalid()} {
		if p.Title != http.StatusText(p.Status) || !strings.Contains(raw, p.Code) {
			t.Errorf("%s is not in the contract", p.Code)
		}
	}
}
