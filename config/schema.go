package config

import (
	"encoding/json"
	"reflect"
	"strconv"

	"github.com/invopop/jsonschema"
)

const durationPattern = `^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$`

// Schema returns the JSON Schema (draft 2020-12) of soglia.yaml and of included files, for editors.
func Schema(drivers Drivers) []byte {
	words := drivers.comments()
	r := &jsonschema.Reflector{
		FieldNameTag: "yaml", Anonymous: true, ExpandedStruct: true, RequiredFromJSONSchemaTags: true,
		Mapper: shape,
		LookupComment: func(t reflect.Type, name string) string {
			return words[t.Name()+"."+name]
		},
	}
	s := r.Reflect(&File{})
	s.Title = "soglia.yaml"
	decorate(s, s.Definitions, reflect.TypeFor[File]())
	channels := s.Definitions["FileChannels"].Properties
	for _, f := range fieldsOf(reflect.TypeFor[FileChannels]()) {
		switch p, _ := channels.Get(f.key); f.typ {
		case reflect.PointerTo(gatewayType):
			p.Ref, p.AnyOf = "", gatewaySchemas(r, drivers, f.key)
		case reflect.SliceOf(gatewayType):
			p.Items.Ref, p.Items.AnyOf = "", gatewaySchemas(r, drivers, f.key)
		}
	}
	delete(s.Definitions, gatewayType.Name())
	s.Required = nil // an included file has clients and scopes only
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // of our own structs
	}
	return append(out, '\n')
}

// gatewaySchemas describe a gateway of a channel, one for each driver.
func gatewaySchemas(r *jsonschema.Reflector, drivers Drivers, channel string) (all []*jsonschema.Schema) {
	for _, name := range drivers.of(channel) {
		common := r.Reflect(&FileGateway{})
		own := reflectOf(drivers.Kinds[name].Settings()).Type()
		s := r.ReflectFromType(own)
		s.Version = ""
		decorate(s, s.Definitions, own)
		for _, f := range drivers.common(channel) {
			p, _ := common.Properties.Get(f.key)
			if f.key == "driver" {
				p.Const = name
			}
			s.Properties.Set(f.key, p)
		}
		if !drivers.Kinds[name].Standard {
			s.Required = append(s.Required, "driver")
		}
		all = append(all, s)
	}
	return all
}

// shapes are the types that a file writes in a form of their own: what people and editors are told of it.
var shapes = map[reflect.Type]struct {
	word   string
	schema func() *jsonschema.Schema
}{
	reflect.TypeFor[OnUnmet](): {"word, or map of scope to word", func() *jsonschema.Schema {
		return either(oneOf(onUnmetWords), &jsonschema.Schema{Type: "object", AdditionalProperties: oneOf(onUnmetWords)})
	}},
	reflect.TypeFor[PerChannel](): {"number, or map of channel to number", func() *jsonschema.Schema {
		n := &jsonschema.Schema{Type: "integer", Minimum: json.Number("1")}
		return either(n, &jsonschema.Schema{Type: "object", AdditionalProperties: n, PropertyNames: &jsonschema.Schema{Enum: list(channels)}})
	}},
	reflect.TypeFor[AuthMethods](): {"word, or list of words", func() *jsonschema.Schema {
		return either(oneOf(authMethods), &jsonschema.Schema{Type: "array", Items: oneOf(authMethods)})
	}},
	reflect.TypeFor[ClientKeys](): {"JSON Web Key Set", func() *jsonschema.Schema { return &jsonschema.Schema{Type: "object"} }},
	reflect.TypeFor[Introspect](): {"`all`, or list of texts", func() *jsonschema.Schema {
		return either(oneOf([]string{"all"}), &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}})
	}},
	reflect.TypeFor[ClientClaim](): {"claim", func() *jsonschema.Schema {
		text := &jsonschema.Schema{Type: "string"}
		constant := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), Required: []string{"value"}, AdditionalProperties: jsonschema.FalseSchema}
		constant.Properties.Set("value", either(text, &jsonschema.Schema{Type: "number"}, &jsonschema.Schema{Type: "boolean"}, &jsonschema.Schema{Type: "array", Items: text}))
		return either(text, constant)
	}},
	reflect.TypeFor[ClientSecrets](): {"secret or hash, or a list of two", func() *jsonschema.Schema {
		text, two := &jsonschema.Schema{Type: "string"}, uint64(2)
		hash := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), Required: []string{"sha256"}, AdditionalProperties: jsonschema.FalseSchema}
		hash.Properties.Set("sha256", &jsonschema.Schema{Type: "string", Pattern: "^[0-9a-fA-F]{64}$"})
		return either(text, hash, &jsonschema.Schema{Type: "array", Items: either(text, hash), MaxItems: &two})
	}},
}

func either(all ...*jsonschema.Schema) *jsonschema.Schema { return &jsonschema.Schema{AnyOf: all} }

func oneOf(words []string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Enum: list(words)}
}

// shape describes the types that are no plain JSON.
func shape(t reflect.Type) *jsonschema.Schema {
	own, ok := shapes[t]
	switch {
	case ok:
		return own.schema()
	case isDuration(t):
		s := &jsonschema.Schema{Type: "string", Pattern: durationPattern}
		if word := zeroWord(t); word != "" {
			return either(s, &jsonschema.Schema{Enum: []any{word, false}}) // YAML 1.1 editors read off as false
		}
		return s
	case t == secretType:
		return &jsonschema.Schema{Type: "string"}
	case t == reflect.TypeFor[Settings]():
		return &jsonschema.Schema{}
	}
	return nil
}

// decorate adds what our own tags say to the properties of a struct's schema.
func decorate(s *jsonschema.Schema, definitions jsonschema.Definitions, t reflect.Type) {
	s.Required = nil
	for _, f := range fieldsOf(t) {
		p, _ := s.Properties.Get(f.key)
		if f.required {
			s.Required = append(s.Required, f.key)
		}
		p.Default = standardJSON(f)
		values := p
		switch f.typ.Kind() {
		case reflect.Slice:
			values = p.Items
		case reflect.Map:
			values = p.AdditionalProperties
			if len(f.keys) > 0 {
				p.PropertyNames = &jsonschema.Schema{Enum: list(f.keys)}
			}
		}
		if len(f.choices) > 0 {
			values.Enum = list(f.choices)
		}
		if values != nil && values.Type == "integer" {
			values.Minimum, values.Maximum = json.Number(f.least), json.Number(f.most)
		}
		if inner := element(f.typ); inner != nil {
			decorate(definitions[inner.Name()], definitions, inner)
		}
	}
}

func standardJSON(f field) any {
	if f.standard == "" {
		return nil
	}
	if f.typ.Kind() == reflect.Int {
		n, _ := strconv.Atoi(f.standard)
		return n
	}
	return f.standard
}

func list(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}
