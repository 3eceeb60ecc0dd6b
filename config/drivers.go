package config

import (
	"cmp"
	"io/fs"
	"reflect"
	"slices"
)

// Drivers are the kinds of gateway that a file may name. The package notify has the table, which stands above this one:
// whoever loads a file hands it in.
type Drivers struct {
	Kinds  map[string]Driver // by the name in the file
	Source fs.FS             // the Go files with their settings, whose comments are the manual
}

// Driver is one kind of gateway, as far as a file is concerned.
type Driver struct {
	Channels []string        // that it serves: email, sms, whatsapp
	Settings func() Settings // a pointer to an empty struct, with tags as in file.go
	Standard bool            // meant where a section names none
	Dev      bool            // for soglia dev and tests only
}

// Settings are the keys of a driver's own. When Check is called, defaults are filled in, required keys and bounds
// are checked, and every Secret holds the secret itself (it still prints as dots).
type Settings interface {
	// Check reports what cannot be told from the type of one field: what is wrong, and what works and is still worth a word.
	// Fields that are missing or of which something was reported may be empty.
	Check(wrong, doubtful Report)
}

// Report takes what is to be told about the value of a key.
type Report func(key, format string, args ...any)

// of are the drivers of a channel by name: the standard one first, those of soglia dev last.
func (d Drivers) of(channel string) (names []string) {
	rank := func(name string) int {
		switch k := d.Kinds[name]; {
		case k.Standard:
			return 0
		case k.Dev:
			return 2
		}
		return 1
	}
	for name, k := range d.Kinds {
		if slices.Contains(k.Channels, channel) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	return names
}

// standard is the driver of a section that names none; "" = it must name one.
func (d Drivers) standard(channel string) string {
	for _, name := range d.of(channel) {
		if d.Kinds[name].Standard {
			return name
		}
	}
	return ""
}

// common are the keys that every gateway of a channel has, whatever its driver.
func (d Drivers) common(channel string) (keys []field) {
	for _, f := range fieldsOf(gatewayType) {
		switch f.key {
		case "driver":
			f.choices, f.standard = d.of(channel), d.standard(channel)
			f.required = f.standard == ""
			keys = append(keys, f)
		case "name", "for":
			if channel == "sms" { // the one that has several
				keys = append(keys, f)
			}
		}
	}
	return keys
}

var gatewayType = reflect.TypeFor[FileGateway]()

// isGateway reports a field of gateways, one or several.
func isGateway(t reflect.Type) bool {
	return t == reflect.PointerTo(gatewayType) || t == reflect.SliceOf(gatewayType)
}

// reflectOf is the struct behind a pointer.
func reflectOf(pointer any) reflect.Value { return reflect.ValueOf(pointer).Elem() }
