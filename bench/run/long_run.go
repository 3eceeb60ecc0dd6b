package main

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// longRun is what takes longer than a cup of coffee: a million people, a million requests. With a report it is written
// there as well.
func (f *servers) longRun(ctx context.Context, o options, s *resources) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# A million\n\nWritten by `make million`. **✗** misses its goal.\n\n")
	for _, line := range machine(ctx, f.cluster) {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	if o.soak > 0 {
		if err := f.soak(ctx, s, o.soak); err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n## Memory over %d requests\n\nVmRSS in MiB after each round of common requests:", s.requests)
		for _, rss := range s.soak {
			fmt.Fprintf(&b, " %.1f", rss)
		}
		fmt.Fprintln(&b)
	}
	if o.crowd > 0 {
		both, swept, err := f.compare(ctx, o.crowd, o.time)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n## %d people, ten times as many sessions, grants and audit records\n", o.crowd)
		crowded(&b, both, swept)
	}
	fmt.Print("\n", b.String())
	if o.report == "" {
		return nil
	}
	return os.WriteFile(o.report, []byte(b.String()), 0o644)
}
