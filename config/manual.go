package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

//go:generate go test -run "^TestGenerated" . -update

// manual is docs/configuration.md while it is written.
type manual struct {
	strings.Builder
	drivers  Drivers
	comments comments
}

// Manual returns docs/configuration.md: every key with its type, default, bounds and meaning.
func Manual(drivers Drivers) []byte {
	m := &manual{drivers: drivers, comments: drivers.comments()}
	m.WriteString(`# soglia.yaml

Made from config/file*.go and notify/driver_*.go by "go generate ./config"; change the comments there.

Durations are whole numbers with d, h, m or s: 90d, 12h, 10m, 60s. Any value may be ${env:NAME} or ${file:NAME}, but only
as the whole value; files are looked up in $CREDENTIALS_DIRECTORY, in /run/secrets, then beside the file that mentions
them. A *secret* must be one of the two; outside soglia dev it is refused in plain text. Unknown and repeated keys are
mistakes. ` + "`soglia check`" + ` lists all mistakes at once; a running server that finds one at reload keeps what it has.

**Not built yet** marks what is parsed and then refused by name, so that nobody believes it is in force; the list is at the end.

`)
	m.section("The file", "", reflect.TypeFor[File]())
	m.WriteString("## Not built yet\n\n")
	var names []string
	for _, a := range notYet {
		line := fmt.Sprintf("- `%s` at `%s`", a.name, a.path)
		if a.is != "" && a.key != "" {
			line += fmt.Sprintf(" with `%s: %s`", a.key, a.is)
		} else if a.key != "" {
			line += fmt.Sprintf(" with `%s`", a.key)
		} else if a.is != "" {
			line += fmt.Sprintf(" being `%s`", a.is)
		}
		if !slices.Contains(names, line) {
			names = append(names, line)
		}
	}
	m.WriteString(strings.Join(names, "\n") + "\n")
	return []byte(m.String())
}

// section writes a table of one struct, then the sections inside it.
func (m *manual) section(title, path string, t reflect.Type) {
	fields := fieldsOf(t)
	m.table(title, path, fields)
	for _, f := range fields {
		at := under(path, f.key)
		switch f.typ.Kind() {
		case reflect.Slice:
			at += "[]"
		case reflect.Map:
			at += ".NAME"
		}
		if isGateway(f.typ) {
			m.gateways(at, f.key)
		} else if inner := element(f.typ); inner != nil {
			m.section("`"+at+"`", at, inner)
		}
	}
}

// gateways writes a table for every driver of a channel.
func (m *manual) gateways(at, channel string) {
	for _, name := range m.drivers.of(channel) {
		title := fmt.Sprintf("`%s` with `driver: %s`", at, name)
		driver := m.drivers.Kinds[name]
		switch {
		case driver.Standard:
			title += ", or with none"
		case driver.Dev:
			title += ", which keeps messages in memory for `soglia dev`"
		}
		m.table(title, at, append(m.drivers.common(channel), fieldsOf(reflectOf(driver.Settings()).Type())...))
	}
}

func (m *manual) table(title, path string, fields []field) {
	fmt.Fprintf(m, "## %s\n\n| key | type | default | meaning |\n|---|---|---|---|\n", title)
	for _, f := range fields {
		meaning := strings.TrimSpace(lacking(under(path, f.key)) + " " + m.meaning(f))
		fmt.Fprintf(m, "| `%s` | %s | %s | %s |\n", f.key, kindWord(f.typ), standardWord(f), meaning)
	}
	m.WriteString("\n")
}

// lacking says what of a key this version cannot do; "" = nothing.
func lacking(path string) string {
	path = strings.ReplaceAll(path, "NAME", "*")
	var values []string
	for _, a := range notYet {
		at := strings.TrimSuffix(a.path, "[]")
		switch {
		case a.key != "":
			at = a.path + "." + a.key
		case a.is == "" && (path == a.path || strings.HasPrefix(path, a.path+".") || strings.HasPrefix(path, a.path+"[]")):
			return "**Not built yet.**"
		}
		if path != at {
			continue
		}
		if a.is == "" {
			return "**Not built yet.**"
		}
		if value := "`" + a.is + "`"; !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	if len(values) == 0 {
		return ""
	}
	return "**Not built yet: " + strings.Join(values, ", ") + ".**"
}

func standardWord(f field) string {
	switch {
	case f.required:
		return "*required*"
	case f.standard != "":
		return "`" + f.standard + "`"
	}
	return ""
}

// meaning is the comment, and what the tags add to it.
func (m *manual) meaning(f field) string {
	parts := []string{m.comments.of(f)}
	switch {
	case len(f.choices) == 1 && f.standard == f.choices[0]:
		parts = append(parts, "Fixed: it can say nothing else.")
	case len(f.choices) > 0:
		parts = append(parts, "One of `"+strings.Join(f.choices, "`, `")+"`.")
	}
	if len(f.keys) > 0 {
		parts = append(parts, "Keys: `"+strings.Join(f.keys, "`, `")+"`.")
	}
	switch {
	case f.least != "" && f.most != "":
		parts = append(parts, fmt.Sprintf("From %s to %s.", f.least, f.most))
	case f.least != "":
		parts = append(parts, fmt.Sprintf("At least %s.", f.least))
	}
	return strings.ReplaceAll(strings.Join(parts, " "), "|", "\\|")
}
