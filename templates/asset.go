package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"path"
	"strings"
)

// StaticPath is the folder under which the assets are served; pages refer to StaticPath + name.
const StaticPath = "/static/"

// Asset is a static file. Its name holds its hash, so it may be cached for ever.
type Asset struct {
	Bytes []byte
	Type  string // Content-Type
}

// Static are the assets by name.
func (s *Set) Static() map[string]Asset { return s.assets }

// makeAssets builds the assets: the brand's colours become part of the style sheet, because a strict CSP forbids them inside
// a page.
func (s *Set) makeAssets() {
	s.assets, s.colour = map[string]Asset{}, paint(s.brand.Accent)
	css := ":root{color-scheme:light dark;" + s.colour.light.properties() + "}\n" +
		"@media(prefers-color-scheme:dark){:root{" + s.colour.dark.properties() + "}}\n" + string(static("soglia.css"))
	s.css = s.keep("soglia.css", []byte(css), "text/css; charset=utf-8")
	s.js = s.keep("soglia.js", static("soglia.js"), "text/javascript; charset=utf-8")
	mark := s.drawnLogo()
	s.icon = s.keep("icon.svg", mark, "image/svg+xml")
	s.logo = s.icon
	if s.brand.LogoSVG != "" {
		s.logo = s.keep("logo.svg", []byte(s.brand.LogoSVG), "image/svg+xml")
	}
}

func static(name string) []byte {
	raw, err := files.ReadFile("static/" + name)
	if err != nil {
		panic(err) // embedded: absent only in a broken build
	}
	return raw
}

// keep files an asset under its hashed name and answers its path.
func (s *Set) keep(name string, raw []byte, kind string) string {
	sum := sha256.Sum256(raw)
	hash := hex.EncodeToString(sum[:6])
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hash + ext
	s.assets[hashed] = Asset{Bytes: raw, Type: kind}
	return StaticPath + hashed
}

// drawnLogo is a doorway in the accent colour: the picture of the browser's tab, and the logo of a brand without one. The
// threshold is the lower line, in the colour that is legible on the accent.
func (s *Set) drawnLogo() []byte {
	ground, ink := s.colour.light.Button, s.colour.light.ButtonInk
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><title>%s</title>`+
		`<rect width="32" height="32" rx="8" fill="%s"/>`+
		`<path d="M10.5 21.5V13a5.5 5.5 0 0 1 11 0v8.5M7.5 24.5h17" fill="none" stroke="%s" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
		html.EscapeString(s.brand.Name), ground, ink)
}
