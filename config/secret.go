package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Secret is a secret as written: ${env:NAME}, ${file:NAME}, or plain text. It prints as its reference or as dots.
type Secret string

// Format prints the reference, or dots for plain text, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.shown()) }

// MarshalText is Format for JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.shown()), nil }

func (s Secret) shown() string {
	if _, ok, _ := reference(string(s)); ok || s == "" {
		return string(s)
	}
	return "•••"
}

// ref is a parsed reference.
type ref struct {
	kind, name string // env or file
}

var (
	wholeReference = regexp.MustCompile(`^\$\{(\w*):([^{}]*)\}$`)
	envName        = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// reference parses ${env:NAME} or ${file:NAME}. ok says that text is one; problem is what is wrong with something that
// was meant as one.
func reference(text string) (r ref, ok bool, problem string) {
	if !strings.Contains(text, "${") {
		return ref{}, false, ""
	}
	m := wholeReference.FindStringSubmatch(text)
	switch {
	case m == nil:
		return ref{}, false, "${…} can only be the whole value"
	case m[1] != "env" && m[1] != "file":
		return ref{}, false, "unknown reference ${" + m[1] + ":…}; possible are ${env:NAME} and ${file:NAME}"
	case m[1] == "env" && !envName.MatchString(m[2]):
		return ref{}, false, "${env:…} needs the name of an environment variable"
	case m[1] == "file" && (m[2] == "" || !filepath.IsAbs(m[2]) && !filepath.IsLocal(m[2])):
		return ref{}, false, `${file:…} needs a file name without ".."`
	}
	return ref{m[1], m[2]}, true, ""
}

// largestSecret is the size from which a file cannot be a secret.
const largestSecret = 64 << 10

// resolve reads what r points to. problem is for people and never holds the value. Of a file one newline at its end
// is no part of the secret.
func (l *loader) resolve(r ref, dir string) (value, problem string) {
	if r.kind == "env" {
		value, ok := l.variable(r.name)
		switch {
		case !ok && l.fileEnv[exported+r.name] != "":
			return "", fmt.Sprintf("environment variable %[1]s is not set; its line in %[2]s must begin with %[1]s=, without export", r.name, envFile)
		case !ok:
			return "", fmt.Sprintf("environment variable %s is not set, and is not in %s beside this file", r.name, envFile)
		case value == "":
			return "", fmt.Sprintf("environment variable %s is empty", r.name)
		}
		return value, ""
	}
	data, problem := l.readSecret(r.name, dir)
	if problem != "" {
		return "", problem
	}
	value = strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	switch {
	case value == "":
		return "", fmt.Sprintf("file %s is empty", r.name)
	case len(value) > largestSecret:
		return "", fmt.Sprintf("file %s is too large for a secret", r.name)
	}
	return value, ""
}

// readSecret reads a file that find finds.
func (l *loader) readSecret(name, dir string) ([]byte, string) {
	_, data, problem := l.find(name, dir)
	return data, problem
}

// find looks in systemd's credentials, in the container's secrets, then beside the file that mentions the name.
func (l *loader) find(name, dir string) (path string, data []byte, problem string) {
	if !filepath.IsAbs(name) {
		credentials, _ := l.options.env("CREDENTIALS_DIRECTORY")
		for _, place := range []string{credentials, "/run/secrets"} {
			if place == "" {
				continue
			}
			path := filepath.Join(place, name)
			data, err := os.ReadFile(path)
			if err == nil {
				return path, data, ""
			}
			if !os.IsNotExist(err) {
				return "", nil, fmt.Sprintf("file %s in %s cannot be read", name, place)
			}
		}
	}
	path = l.files.join(dir, name)
	data, err := l.files.read(path)
	switch {
	case err == nil:
		return path, data, ""
	case os.IsNotExist(err) && filepath.IsAbs(name):
		return "", nil, fmt.Sprintf("file %s does not exist", name)
	case os.IsNotExist(err):
		return "", nil, fmt.Sprintf("file %s is not in $CREDENTIALS_DIRECTORY, not in /run/secrets and not beside this file", name)
	}
	return "", nil, fmt.Sprintf("file %s cannot be read", name)
}
