package demo

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/templates"
)

// Draws docs/pages (make pages): a small picture of every page as a customer with a phone sees it, and their list.
func TestDrawThePages(t *testing.T) {
	dir := os.Getenv("SOGLIA_PAGES")
	if dir == "" {
		t.Skip("SOGLIA_PAGES names no folder to draw the pages into")
	}
	pages, err := templates.New(templates.Brand{Name: "Example Hosting", SupportPhone: "+39 0000 000000", Host: "sso.example.it",
		Has: templates.Has{Usernames: true, Emails: true, App: true, Reserve: true, EverySignIn: true, Mail: true, Phone: true, Areas: true}})
	if err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asset, ok := pages.Static()[strings.TrimPrefix(r.URL.Path, templates.StaticPath)]; ok {
			w.Header().Set("Content-Type", asset.Type)
			_, _ = w.Write(asset.Bytes)
			return
		}
		body, err := pages.RenderFixture(strings.TrimPrefix(r.URL.Path, "/"), "it")
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", pages.CSP(&templates.Failure{}))
		_, _ = w.Write(onward.ReplaceAll(body, nil))
	}))
	defer served.Close()

	p := chromium.NewTab(t, chromium.Start(t, "it"), "page", false)
	p.Window(390, "light")
	p.Do("a small phone", chromedp.EmulateViewport(390, 640))
	cells := map[string]string{}
	for _, f := range templates.Fixtures() {
		p.Open(served.URL + "/" + f.Name)
		shot, err := chromedp.Run(p.Ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name+".png"), small(t, shot), 0o644); err != nil {
			t.Fatal(err)
		}
		says := chromium.Eval[string](p, `(document.getElementById("error-text") ?? document.querySelector("h1")).innerText`)
		cells[f.Name] = fmt.Sprintf(`<img src="%s.png" width="200" alt=""><br>**%[1]s**<br>%s`, f.Name, says)
	}
	list := bytes.NewBufferString("# Every page\n\nDrawn by `make pages` from the fixtures of [templates](../../templates): Italian, light, on a phone 390 px wide.\n" +
		"`soglia dev` shows them alive, in both languages, under `/dev/pages`.\n")
	for _, way := range journeys() {
		fmt.Fprintf(list, "\n## %s\n\n| | | | |\n|---|---|---|---|\n", way.Name)
		for names := range slices.Chunk(way.Pages, 4) {
			fmt.Fprint(list, "|")
			for _, name := range names {
				fmt.Fprintf(list, " %s |", cells[name])
			}
			fmt.Fprintln(list)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "README.md"), list.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// small draws a screenshot again in its 24 commonest colours: a page has few, and the eye misses none of the rest.
func small(t *testing.T, shot []byte) []byte {
	t.Helper()
	src, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	count := map[color.RGBA]int{}
	for y := range src.Bounds().Dy() {
		for x := range src.Bounds().Dx() {
			count[color.RGBAModel.Convert(src.At(x, y)).(color.RGBA)]++
		}
	}
	common := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	var palette color.Palette
	for _, c := range common[:min(24, len(common))] {
		palette = append(palette, c)
	}
	out := image.NewPaletted(src.Bounds(), palette)
	draw.Draw(out, out.Bounds(), src, src.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, out); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
