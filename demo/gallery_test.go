package demo

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/templates"
)

// Every page in all eight variants: {it, en} × {light, dark} × {320, 1280 px}, looked at by axe-core, and none wider
// than its window (WCAG 1.4.10).
func TestEveryPageInChromium(t *testing.T) {
	if os.Getenv("SOGLIA_AXE") == "" {
		missing(t, "accessibility of the pages is not checked: SOGLIA_AXE does not name axe.min.js")
	}
	at := running(t, Options{})
	p := newTab(t, chromium(t, "it"), "page", false)
	for _, lang := range galleryLangs {
		for _, f := range templates.Fixtures() {
			p.open(at.SSO + "/dev/pages/" + lang + "/" + f.Name)
			for _, scheme := range []string{"light", "dark"} {
				for _, width := range []int64{320, 1280} {
					p.name = fmt.Sprintf("page-%s-%s-%d-%s", f.Name, scheme, width, lang)
					p.window(width, scheme)
					p.look("page")
					if over := eval[float64](p, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
						t.Errorf("%s is %v px wider than its window", p.name, over)
					}
				}
			}
		}
	}
}

// window gives the page a width and a colour scheme.
func (p *tab) window(width int64, scheme string) {
	p.t.Helper()
	p.do("a window", chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

// The sibling that fails: a page with two faults.
func TestAxeFindsWhatItLooksFor(t *testing.T) {
	if os.Getenv("SOGLIA_AXE") == "" {
		missing(t, "accessibility of the pages is not checked: SOGLIA_AXE does not name axe.min.js")
	}
	at := running(t, Options{})
	p := newTab(t, chromium(t, "en"), "faulty", false)
	p.open(at.Panel)
	p.do("two faults", chromedp.Evaluate[chromedp.Void](`document.documentElement.lang = ""; document.querySelector("h1").style.color = "#eee"`))
	found := strings.Join(p.faults("a page with faults"), "\n")
	for _, rule := range []string{"html-has-lang", "color-contrast"} {
		if !strings.Contains(found, rule) {
			t.Errorf("axe does not report %s:\n%s", rule, found)
		}
	}
}
