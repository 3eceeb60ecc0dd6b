package main

import (
	"cmp"
	"fmt"
	"runtime/debug"
)

// commit is what an image was built from (deploy/image.sh); elsewhere Go notes it by itself.
var commit string

// version is "soglia version".
type version struct{}

// Run prints the version.
func (*version) Run(s *streams) error {
	_, err := fmt.Fprintln(s.out, built())
	return err
}

// built names the module's version, the commit and the Go that built it.
func built() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "soglia " + cmp.Or(commit, "of an unknown commit")
	}
	from, changed := commit, ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			from = cmp.Or(from, setting.Value)
		case setting.Key == "vcs.modified" && setting.Value == "true":
			changed = " and changes"
		}
	}
	return fmt.Sprintf("soglia %s, commit %s%s, %s", cmp.Or(info.Main.Version, "(devel)"), cmp.Or(from, "unknown"), changed, info.GoVersion)
}
