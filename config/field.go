package config

import (
	"reflect"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/panels"
	"github.com/soglia-sso/soglia/templates"
)

// field is what the tags of one struct field say. Loader, schema and manual all read them through here.
type field struct {
	index      int
	key        string   // yaml:"…"
	standard   string   // default:"…"
	choices    []string // choices:"a|b": of the value, or of each item; choices:"@…": see words
	keys       []string // keys:"a|b": of a map; keys:"@sent" likewise
	least      string   // min:"…": of a number, a duration, or each value of a map
	most       string   // max:"…"
	required   bool     // required:"yes"
	urlSecret  bool     // form:"url": secret only when it holds a password
	typ        reflect.Type
	structName string
	goName     string
}

// fieldsOf lists the keys of a struct type in the order they are written.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		if t == gatewayType && f.Name == "Settings" { // the driver's, which have keys of their own
			continue
		}
		out = append(out, field{
			index: i, key: f.Tag.Get("yaml"), standard: f.Tag.Get("default"),
			choices: words(f.Tag.Get("choices")), keys: words(f.Tag.Get("keys")),
			least: f.Tag.Get("min"), most: f.Tag.Get("max"),
			required: f.Tag.Get("required") == "yes", urlSecret: f.Tag.Get("form") == "url",
			typ: f.Type, structName: t.Name(), goName: f.Name,
		})
	}
	return out
}

func words(tag string) []string {
	switch tag {
	case "":
		return nil
	case "@second":
		return methods(func(f acr.Facts) bool { return f.Second })
	case "@sent":
		return channels
	case "@events":
		return Events
	case "@languages":
		return templates.Languages()
	case "@presets":
		return panels.Names()
	}
	return strings.Split(tag, "|")
}

// channels are the methods that send a code.
var channels = methods(func(f acr.Facts) bool { return f.Contact != "" })

// methods are the names of those of which a fact is true.
func methods(which func(acr.Facts) bool) (names []string) {
	for _, m := range acr.Methods(which) {
		names = append(names, string(m))
	}
	return names
}

// fill gives v, and everything below it that is present, the defaults of its tags where nothing was written.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() { // map values cannot be set in place
			copied := reflect.New(v.Type().Elem()).Elem()
			copied.Set(v.MapIndex(k))
			fill(copied)
			v.SetMapIndex(k, copied)
		}
	case reflect.Struct:
		for _, f := range fieldsOf(v.Type()) {
			if value := v.Field(f.index); f.standard != "" && value.IsZero() {
				if value.Kind() == reflect.Pointer { // a pointer tells "nothing written" from zero
					value.Set(reflect.New(value.Type().Elem()))
					value = value.Elem()
				}
				setScalar(value, f.standard)
			} else {
				fill(value)
			}
		}
	}
}

var (
	durationType  = reflect.TypeFor[time.Duration]()
	orOffType     = reflect.TypeFor[DurationOrOff]()
	orSessionType = reflect.TypeFor[SessionOrDuration]()
	secretType    = reflect.TypeFor[Secret]()
)

// zeroWord returns the word that stands for zero in a duration type.
func zeroWord(t reflect.Type) string {
	switch t {
	case orOffType:
		return "off"
	case orSessionType:
		return "session"
	}
	return ""
}

func isDuration(t reflect.Type) bool { return t == durationType || zeroWord(t) != "" }
