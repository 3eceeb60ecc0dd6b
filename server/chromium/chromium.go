// Package chromium is a real browser in a test: tabs that wait for pages by their data-step and never sleep, and axe-core
// at each stop.
//
// It owns the browser's manners and what is looked at. It leaves whom to visit to its tests, which walk the journeys of a
// servertest.World, and to those of demo.
//
// Easy to get wrong: what a script must not do. Everything is clicked and typed; nothing calls submit.
package chromium

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Patience is how long a page may take to come; generous, because CI machines are busy.
const Patience = 20 * time.Second

// At makes every name lead to one listener whose certificate nobody signed: a whole internet on one loopback socket.
func At(listener string) []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{
		chromedp.Flag("host-resolver-rules", "MAP * "+listener), chromedp.Flag("ignore-certificate-errors", true),
	}
}

// Start starts a browser with a profile of its own, reading lang. Without one installed the test is skipped, unless
// SOGLIA_TEST_REQUIRE names chromium.
func Start(t *testing.T, lang string, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		Missing(t, "no Chromium is installed here")
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
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(options, more...)...)
	t.Cleanup(stop)
	return ctx
}

// Missing skips, or fails when SOGLIA_TEST_REQUIRE names chromium.
func Missing(t *testing.T, sentence string) {
	t.Helper()
	required := strings.FieldsFunc(os.Getenv("SOGLIA_TEST_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' })
	if slices.Contains(required, "chromium") {
		t.Fatal(sentence)
	}
	t.Skip(sentence)
}
