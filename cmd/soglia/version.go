package main

import (
	"fmt"
	"runtime/debug"
)

// version is "soglia version".
type version struct{}

// Run prints the module's version, the commit and the Go that built it.
func (*version) Run(s *streams) error {
	module, commit, goVersion := "(devel)", "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		module, goVersion = info.Main.Version, info.GoVersion
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				commit = " " + setting.Value
			}
		}
	}
	if module == "" {
		module = "(devel)"
	}
	_, err := fmt.Fprintf(s.out, "soglia %s%s %s\n", module, commit, goVersion)
	return err
}
