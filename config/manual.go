package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

//go:generate go test -run "^TestGeneratedFilesAreCurrent$" . -update

// Manual returns docs/configuration.md: every key with its type, default, bounds and meaning.
func Manual() []byte {
	var b strings.Builder
	b.WriteString(`# soglia.yaml

Made from config/file*.go by "go generate ./config"; change the comments there.

Durations are whole numbers with d, h, m or s: 90d, 12h, 10m, 60s. Any value may be ${env:NAME} or ${file:NAME}, but only
as the whole value; files are looked up in $CREDENTIALS_DIRECTORY, in /run/secrets, then beside the file that mentions
them. A *secret* must be one of the two; outside soglia dev it is refused in plain text. Unknown and repeated keys are
mistakes. ` + "`soglia check`" + ` lists all mistakes at once; a running server that finds one at reload keeps what it has.

**Not built yet** marks what is parsed and then refused by name, so that nobody believes it is in force; the list is at the end.

`)
	section(&b, "The file", "", reflect.TypeFor[File]())
	b.WriteString("## Not built yet\n\n")
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
	b.WriteString(strings.Join(names, "\n") + "\n")
	return []byte(b.String())
}

// section writes a table of one struct, then the sections inside it.
func section(b *strings.Builder, title, path string, t reflect.Type) {
	fmt.Fprintf(b, "## %s\n\n| key | type | default | meaning |\n|---|---|---|---|\n", title)
	fields := fieldsOf(t)
	for _, f := range fields {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.key, kindWord(f.typ), standardWord(f), strings.TrimSpace(lacking(under(path, f.key))+" "+meaning(f)))
	}
	b.WriteString("\n")
	for _, f := range fields {
		inner := element(f.typ)
		if inner == nil {
			continue
		}
		at := under(path, f.key)
		switch f.typ.Kind() {
		case reflect.Slice:
			at += "[]"
		case reflect.Map:
			at += ".NAME"
		}
		section(b, "`"+at+"`", at, inner)
	}
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
func meaning(f field) string {
	parts := []string{f.comment()}
	if len(f.choices) > 0 {
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
