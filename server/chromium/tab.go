package chromium

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Tab is one page of a real browser. Everything it waits for has a deadline.
type Tab struct {
	T    *testing.T
	Ctx  context.Context
	Name string // prefix of its screenshots

	stops int
}

// NewTab opens a tab: of the same browser and cookies as parent, or of a fresh profile.
func NewTab(t *testing.T, parent context.Context, name string, fresh bool) *Tab {
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
	return &Tab{T: t, Ctx: ctx, Name: name}
}

// Do performs steps, all of them in time.
func (p *Tab) Do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.T.Helper()
	ctx, stop := context.WithTimeout(p.Ctx, Patience)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.T.Fatalf("%s: %s: %v\n%s", p.Name, what, err, p.Describe())
	}
}

// Open goes to an address.
func (p *Tab) Open(address string) {
	p.T.Helper()
	p.Do("open "+address, chromedp.Navigate(address))
}

// Click clicks what a CSS selector finds.
func (p *Tab) Click(css string) {
	p.T.Helper()
	p.Do("click "+css, chromedp.Click(chromedp.CSS(css)))
}

// Place goes to a page of the account area by its menu, which a button opens on a narrow screen.
func (p *Tab) Place(css string) {
	p.T.Helper()
	if Eval[bool](p, `document.querySelector("#menu").checkVisibility()`) {
		p.Click("#menu")
	}
	p.Click(css)
}

// Fill types into an empty field.
func (p *Tab) Fill(id, value string) {
	p.T.Helper()
	p.Do("fill "+id, chromedp.SendKeys(chromedp.CSS("#"+id), value))
}

// Eval evaluates an expression; the zero value while a page is on its way.
func Eval[T any](p *Tab, expression string) T {
	ctx, stop := context.WithTimeout(p.Ctx, Patience)
	defer stop()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		var zero T
		return zero
	}
	return v
}

// WaitFor polls until an expression is true.
func (p *Tab) WaitFor(what, expression string) {
	p.T.Helper()
	deadline := time.Now().Add(Patience)
	for !Eval[bool](p, expression) {
		if time.Now().After(deadline) {
			p.T.Fatalf("%s: %s did not come\n%s", p.Name, what, p.Describe())
		}
		select {
		case <-time.After(25 * time.Millisecond):
		case <-p.Ctx.Done():
			p.T.Fatal(p.Ctx.Err())
		}
	}
}

// Arrive waits for a page by its data-step.
func (p *Tab) Arrive(step string) {
	p.T.Helper()
	p.WaitFor("step "+step, fmt.Sprintf(`document.readyState === "complete" && document.querySelector("main")?.dataset.step === %q`, step))
}

// Step waits for a page by its data-step, and looks at it.
func (p *Tab) Step(step string) {
	p.T.Helper()
	p.Arrive(step)
	p.Look(step)
}

// Look takes a screenshot when SOGLIA_SCREENSHOTS names a folder, and asks axe-core.
func (p *Tab) Look(what string) {
	p.T.Helper()
	p.stops++
	if dir := os.Getenv("SOGLIA_SCREENSHOTS"); dir != "" {
		png, err := chromedp.Run(p.Ctx, chromedp.FullScreenshot(100))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%02d-%s.png", p.Name, p.stops, what)), png, 0o644)
		}
		if err != nil {
			p.T.Error(err)
		}
	}
	p.accessible(what)
}

// Window gives the page a width and a colour scheme.
func (p *Tab) Window(width int64, scheme string) {
	p.T.Helper()
	p.Do("a window", chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

// Fits fails the test when the page is wider than its window (WCAG 1.4.10).
func (p *Tab) Fits(what string) {
	p.T.Helper()
	if over := Eval[float64](p, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		p.T.Errorf("%s: %s is %v px wider than its window", p.Name, what, over)
	}
}

// Text is what an element shows; "" without one.
func (p *Tab) Text(id string) string {
	return Eval[string](p, fmt.Sprintf(`document.getElementById(%q)?.innerText ?? ""`, id))
}

// Describe says where the tab is and what it shows, for failures.
func (p *Tab) Describe() string {
	return Eval[string](p, `location.href + "\n" + (document.body?.innerText ?? "").slice(0, 1500)`)
}
