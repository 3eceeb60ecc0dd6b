package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

var p99 = regexp.MustCompile(`([0-9.]+) p99-ms`)

// measureHandOver asks the product's own benchmark how long a code waits for its gateway: the outbox is sealed, so nobody outside
// could fill it.
func (s *resources) measureHandOver(ctx context.Context, root string) error {
	cmd := exec.CommandContext(ctx, "go", "test", "./notify", "-run", "^$", "-bench", "^BenchmarkHandOver$", "-benchtime", "3x")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	m := p99.FindSubmatch(out)
	if err != nil || m == nil {
		return fmt.Errorf("the hand-over of codes: %v\n%s", err, out)
	}
	ms, err := strconv.ParseFloat(string(m[1]), 64)
	s.handOver = ms / 1000
	return err
}
