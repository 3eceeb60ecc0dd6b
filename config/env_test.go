package config

import (
	"strings"
	"testing"
	"testing/fstest"
)

// The systemd unit reads soglia.env; an operator's shell does not, and each command was refused there.
func TestQ36VariablesAreReadFromTheFileBeside(t *testing.T) {
	text := strings.Replace(small, "${env:MASTER_KEY}", "${env:KEY_OF_TEST}", 1)
	for name, c := range map[string]struct {
		file, env string
		want      string // "" = a mistake
	}{
		"plain":                     {"KEY_OF_TEST=" + key, "", key},
		"quoted, with comments":     {"# mail\n; more\nOTHER=x\n KEY_OF_TEST = \"" + key + "\" \n", "", key},
		"the environment first":     {"KEY_OF_TEST=" + key, strings.ToUpper(key), strings.ToUpper(key)},
		"a line of a shell":         {"export KEY_OF_TEST=" + key, "", ""},
		"a name that is part of it": {"KEY_OF=" + key, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse([]byte(text), Options{
				Drivers: drivers,
				Files:   fstest.MapFS{"soglia.env": {Data: []byte(c.file)}},
				Env:     func(name string) (string, bool) { return c.env, name == "KEY_OF_TEST" && c.env != "" },
			})
			switch {
			case c.want == "" && err == nil:
				t.Error("read from somewhere")
			case strings.HasPrefix(c.file, "export") && !strings.Contains(err.Error(), "its line in soglia.env must begin with KEY_OF_TEST=, without export"):
				t.Error(err)
			case c.want != "" && (err != nil || string(got.MasterKey) != c.want):
				t.Error(err)
			}
		})
	}
}
