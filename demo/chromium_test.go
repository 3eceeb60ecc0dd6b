package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tab is one page of a real browser. Everything it waits for has a deadline; nothing sleeps.
type tab struct {
	t     *testing.T
	ctx   context.Context
	name  string // prefix of its screenshots
	stops int
}

// patience is how long a page may take to come; generous, because CI machines are busy.
const patience = 20 * time.Second

// chromium starts a browser with a profile of its own. Without one the test is skipped, unless SOGLIA_TEST_REQUIRE names
// chromium.
func chromium(t *testing.T, lang string) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		missing(t, "no Chromium is installed here")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Headless, chromedp.DisableGPU, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("password-store", "basic"),
		chromedp.Flag("accept-lang", lang), chromedp.WSURLReadTimeout(time.Minute),
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses root
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	return ctx
}

// missing skips, or fails when SOGLIA_TEST_REQUIRE names chromium.
func missing(t *testing.T, sentence string) {
	t.Helper()
	required := strings.FieldsFunc(os.Getenv("SOGLIA_TEST_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' })
	if slices.Contains(required, "chromium") {
		t.Fatal(sentence)
	}
	t.Skip(sentence)
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

// newTab opens a tab: of the same browser and cookies as parent, or of a fresh profile.
func newTab(t *testing.T, parent context.Context, name string, fresh bool) *tab {
	t.Helper()
	var options []chromedp.ContextOption
	if fresh {
		options = append(options, chromedp.WithNewBrowserContext())
	}
	ctx, stop := chromedp.NewContext(parent, options...)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return &tab{t: t, ctx: ctx, name: name}
}

func (p *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %s: %v\n%s", p.name, what, err, p.describe())
	}
}

func (p *tab) open(address string) { p.t.Helper(); p.do("open "+address, chromedp.Navigate(address)) }
func (p *tab) click(css string)    { p.t.Helper(); p.do("click "+css, chromedp.Click(chromedp.CSS(css))) }
func (p *tab) fill(id, value string) {
	p.t.Helper()
	p.do("fill "+id, chromedp.SendKeys(chromedp.CSS("#"+id), value))
}

// eval evaluates an expression; the zero value while a page is on its way.
func eval[T any](p *tab, expression string) T {
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		var zero T
		return zero
	}
	return v
}

// waitFor polls until an expression is true.
func (p *tab) waitFor(what, expression string) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for !eval[bool](p, expression) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s: %s did not come\n%s", p.name, what, p.describe())
		}
		select {
		case <-time.After(25 * time.Millisecond):
		case <-p.ctx.Done():
			p.t.Fatal(p.ctx.Err())
		}
	}
}

// step waits for a page by its data-step, and looks at it: a screenshot when wanted, and axe-core.
func (p *tab) step(step string) {
	p.t.Helper()
	p.waitFor("step "+step, fmt.Sprintf(`document.readyState === "complete" && document.querySelector("main")?.dataset.step === %q`, step))
	p.look(step)
}

func (p *tab) look(step string) {
	p.t.Helper()
	p.stops++
	if dir := os.Getenv("SOGLIA_SCREENSHOTS"); dir != "" {
		png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%02d-%s.png", p.name, p.stops, step)), png, 0o644)
		}
		if err != nil {
			p.t.Error(err)
		}
	}
	p.accessible(step)
}

// accessible fails the test when axe-core finds something.
func (p *tab) accessible(what string) {
	p.t.Helper()
	for _, f := range p.faults(what) {
		p.t.Errorf("%s: axe on %s: %s", p.name, what, f)
	}
}

// faults are what axe-core finds on the page. It works under the strict CSP, because the debugger puts it there.
func (p *tab) faults(what string) []string {
	p.t.Helper()
	source := axe(p.t)
	if source == "" {
		return nil // said once, by the test
	}
	var out []string
	p.do("axe-core", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
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

func (p *tab) text(id string) string {
	return eval[string](p, fmt.Sprintf(`document.getElementById(%q)?.innerText ?? ""`, id))
}

func (p *tab) describe() string {
	return eval[string](p, `location.href + "\n" + (document.body?.innerText ?? "").slice(0, 1500)`)
}
