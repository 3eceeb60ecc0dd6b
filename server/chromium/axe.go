package chromium

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Checked says once whether accessibility is checked at all: it fails without axe-core where SOGLIA_TEST_REQUIRE names
// chromium.
func Checked(t *testing.T) {
	t.Helper()
	if os.Getenv("SOGLIA_AXE") != "" {
		return
	}
	if strings.Contains(os.Getenv("SOGLIA_TEST_REQUIRE"), "chromium") {
		t.Fatal("SOGLIA_AXE does not name axe.min.js")
	}
	t.Log("accessibility is not checked: SOGLIA_AXE does not name axe.min.js")
}

// axe is the source of axe-core, or "".
func axe(t *testing.T) string {
	t.Helper()
	path := os.Getenv("SOGLIA_AXE")
	if path == "" {
		return ""
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("SOGLIA_AXE: %v", err)
	}
	return string(b)
}

// accessible fails the test when axe-core finds something.
func (p *Tab) accessible(what string) {
	p.T.Helper()
	for _, f := range p.Faults() {
		p.T.Errorf("%s: axe on %s: %s", p.Name, what, f)
	}
}

// Faults are what axe-core finds on the page. It works under the strict CSP, because the debugger puts it there.
func (p *Tab) Faults() []string {
	p.T.Helper()
	source := axe(p.T)
	if source == "" {
		return nil // said once, by Checked
	}
	var out []string
	p.Do("axe-core", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`typeof axe !== "undefined"`)); err != nil || !there {
			if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](source+"\n;true")); err != nil {
				return err
			}
		}
		raw, err := chromedp.Run(ctx, chromedp.Evaluate[string](`axe.run(document).then(r => JSON.stringify(r.violations.flatMap(v =>
			v.nodes.map(n => v.id + " (" + v.help + ")\n" + n.html + "\n" + n.failureSummary))))`, chromedp.EvalAwaitPromise))
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(raw), &out)
	}))
	return out
}
