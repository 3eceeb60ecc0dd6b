package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
)

// machine describes where a run was made.
func machine(ctx context.Context, c *cluster) []string {
	first := func(file, pattern string) string {
		raw, _ := os.ReadFile(file)
		if m := regexp.MustCompile(pattern).FindSubmatch(raw); m != nil {
			return strings.TrimSpace(string(m[1]))
		}
		return "unknown"
	}
	said := func(name string, args ...string) string {
		out, err := exec.CommandContext(ctx, name, args...).Output()
		if err != nil {
			return "unknown"
		}
		return strings.TrimSpace(string(out))
	}
	return []string{
		fmt.Sprintf("%s, %d processors, %s of memory, load at the end %s (other work on the machine included)", first("/proc/cpuinfo", `(?m)^model name\s*:\s*(.*)$`), runtime.NumCPU(),
			first("/proc/meminfo", `MemTotal:\s*(.*)`), first("/proc/loadavg", `^(\S+ \S+)`)),
		"Linux " + first("/proc/sys/kernel/osrelease", `(.*)`) + ", " + runtime.Version() + ", " + said(c.bin+"/postgres", "--version"),
		"PostgreSQL: " + strings.Join(clusterSettings, ", "),
		"server: pool 16, ES256 for access and ID tokens, plain HTTP on loopback behind a played proxy with the https issuer; SQL, audit and all checks as shipped",
	}
}
