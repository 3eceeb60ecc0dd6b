package demo

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/templates"
)

// Every page in all eight variants: {it, en} × {light, dark} × {320, 1280 px}, looked at by axe-core, and none wider
// than its window (WCAG 1.4.10).
func TestEveryPageInChromium(t *testing.T) {
	if os.Getenv("SOGLIA_AXE") == "" {
		chromium.Missing(t, "accessibility of the pages is not checked: SOGLIA_AXE does not name axe.min.js")
	}
	at := running(t, Options{})
	p := chromium.NewTab(t, chromium.Start(t, "it"), "page", false)
	for _, lang := range galleryLangs {
		for _, f := range templates.Fixtures() {
			p.Open(at.SSO + "/dev/pages/" + lang + "/" + f.Name)
			for _, scheme := range []string{"light", "dark"} {
				for _, width := range []int64{320, 1280} {
					p.Name = fmt.Sprintf("page-%s-%s-%d-%s", f.Name, scheme, width, lang)
					p.Window(width, scheme)
					p.Look("page")
					p.Fits("page")
				}
			}
		}
	}
}

// Whoever asks for more contrast, or brings colours of their own, gets pages as good: {more, forced} × {light, dark}.
func TestEveryPageInStrongContrast(t *testing.T) {
	if os.Getenv("SOGLIA_AXE") == "" {
		chromium.Missing(t, "accessibility of the pages is not checked: SOGLIA_AXE does not name axe.min.js")
	}
	at := running(t, Options{})
	p := chromium.NewTab(t, chromium.Start(t, "it"), "page", false)
	p.Window(320, "light")
	for _, f := range templates.Fixtures() {
		p.Open(at.SSO + "/dev/pages/it/" + f.Name)
		for _, feature := range []emulation.MediaFeature{{Name: "prefers-contrast", Value: "more"}, {Name: "forced-colors", Value: "active"}} {
			for _, scheme := range []string{"light", "dark"} {
				p.Name = fmt.Sprintf("page-%s-%s-%s", f.Name, feature.Value, scheme)
				media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
					{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}, &feature,
				}}
				p.Do("a contrast", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
					_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media)
					return err
				}))
				p.Look("page")
				p.Fits("page")
			}
		}
	}
}

// The sibling that fails: a page with two faults.
func TestAxeFindsWhatItLooksFor(t *testing.T) {
	if os.Getenv("SOGLIA_AXE") == "" {
		chromium.Missing(t, "accessibility of the pages is not checked: SOGLIA_AXE does not name axe.min.js")
	}
	at := running(t, Options{})
	p := chromium.NewTab(t, chromium.Start(t, "en"), "faulty", false)
	p.Open(at.Panel)
	p.Do("two faults", chromedp.Evaluate[chromedp.Void](`document.documentElement.lang = ""; document.querySelector("h1").style.color = "#eee"`))
	found := strings.Join(p.Faults(), "\n")
	for _, rule := range []string{"html-has-lang", "color-contrast"} {
		if !strings.Contains(found, rule) {
			t.Errorf("axe does not report %s:\n%s", rule, found)
		}
	}
}
