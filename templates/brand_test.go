package templates

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// WCAG 2.2 §1.4.3 and §1.4.11, for whatever accent an operator picks.
func TestEveryAccentIsLegibleInLightAndDark(t *testing.T) {
	accents := []string{defaultAccent, "#000000", "#ffffff", "#ffff00", "#777777", "#767676", "#e3000f"}
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				accents = append(accents, fmt.Sprintf("#%02x%02x%02x", r, g, b))
			}
		}
	}
	for _, accent := range accents {
		s := paint(accent)
		for mode, p := range map[string]palette{"light": s.light, "dark": s.dark} {
			for _, c := range []struct {
				what   string
				fg, bg colour
				least  float64
			}{
				{"text on page", p.Ink, p.Page, 4.5}, {"text on card", p.Ink, p.Card, 4.5}, {"text in field", p.Ink, p.Field, 4.5},
				{"text on note", p.Ink, p.Soft, 4.5}, {"text on error", p.Ink, p.WrongBack, 4.5},
				{"muted on page", p.Muted, p.Page, 4.5}, {"muted on card", p.Muted, p.Card, 4.5}, {"muted on note", p.Muted, p.Soft, 4.5},
				{"error title", p.Wrong, p.WrongBack, 4.5}, {"error outline", p.Wrong, p.Card, 3},
				{"button", p.ButtonInk, p.Button, 4.5}, {"button hovered", p.ButtonInk, p.ButtonOver, 4.5}, {"button on card", p.Button, p.Card, 3},
				{"link on page", p.Link, p.Page, 4.5}, {"link on card", p.Link, p.Card, 4.5}, {"link on note", p.Link, p.Soft, 4.5}, {"link in field", p.Link, p.Field, 4.5},
				{"outline of a field", p.Edge, p.Card, 3}, {"outline against its inside", p.Edge, p.Field, 3},
			} {
				if got := contrast(c.fg, c.bg); got < c.least {
					t.Errorf("accent %s, %s: %s %s on %s is %.2f, want %.1f", accent, mode, c.what, c.fg, c.bg, got, c.least)
				}
			}
		}
	}
	if got := contrast(parseHex("#ffd54a"), parseHex("#1d1a10")); got < 4.5 {
		t.Errorf("ribbon: %.2f", got)
	}
}

func TestALegibleAccentIsKept(t *testing.T) {
	if got := paint("#0b5fff").light.Button.String(); got != "#0b5fff" {
		t.Errorf("button is %s", got)
	}
}

var hashedName = regexp.MustCompile(`^[a-z]+\.[0-9a-f]{12}\.(css|js|svg)$`)

func TestAssetsAreSmallHashedAndReachNoOtherSite(t *testing.T) {
	s := newSet(t, func(b *Brand) { b.LogoSVG = "<svg/>" })
	for name, a := range s.Static() {
		if !hashedName.MatchString(name) {
			t.Errorf("name %q", name)
		}
		if a.Type == "" || len(a.Bytes) > 16<<10 {
			t.Errorf("%s: type %q, %d bytes", name, a.Type, len(a.Bytes))
		}
		if bytes.Contains(bytes.ReplaceAll(a.Bytes, []byte("http://www.w3.org/2000/svg"), nil), []byte("://")) || bytes.Contains(a.Bytes, []byte("@import")) {
			t.Errorf("%s names another site", name)
		}
	}
	for _, path := range []string{s.css, s.js, s.icon, s.logo} {
		if _, ok := s.Static()[strings.TrimPrefix(path, StaticPath)]; !ok {
			t.Errorf("%s is no asset", path)
		}
	}
	other := newSet(t, func(b *Brand) { b.Accent = "#aa0000" })
	if other.css == s.css || other.js != s.js {
		t.Error("a name must change with its bytes, and only then")
	}
}

func TestABrandThatCannotBeShownIsRefused(t *testing.T) {
	for why, b := range map[string]Brand{
		"no name":             {},
		"no colour":           {Name: "x", Accent: "red;}*{display:none}"},
		"unknown language":    {Name: "x", Offered: []string{"it", "tlh"}},
		"default not offered": {Name: "x", Offered: []string{"it"}, DefaultLang: "en"},
	} {
		if _, err := New(b); err == nil {
			t.Errorf("%s: accepted", why)
		}
	}
}

func TestAMarkHasTheNameBesideIt(t *testing.T) {
	for logo, beside := range map[string]bool{
		"":                                    true,
		`<svg viewBox="0 0 48 48"/>`:          true,
		`<svg viewBox='0,0, 60.5,48'/>`:       true,
		`<svg viewBox="0 0 180 48"/>`:         false,
		`<svg width="180" height="48"></svg>`: false,
	} {
		raw, err := newSet(t, func(b *Brand) { b.LogoSVG = logo }).RenderFixture("support", "it")
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(raw, []byte("<span>Example Hosting</span>")); got != beside {
			t.Errorf("%q: name beside it %v, want %v", logo, got, beside)
		}
	}
}

func TestTheRibbonIsOnEveryPageInDev(t *testing.T) {
	for _, c := range []struct {
		set  *Set
		page Support
		want bool
	}{
		{newSet(t), Support{}, false}, {newSet(t), Support{Page: Page{Dev: true}}, true}, {newSet(t, func(b *Brand) { b.Dev = true }), Support{}, true},
	} {
		var b bytes.Buffer
		if err := c.set.Render(&b, c.page); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), `class="ribbon"`); got != c.want {
			t.Errorf("ribbon %v, want %v", got, c.want)
		}
	}
}
