package templates

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// colour is sRGB, each part 0–255.
type colour struct{ r, g, b float64 }

func parseHex(s string) colour {
	n, _ := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	return colour{float64(n >> 16 & 255), float64(n >> 8 & 255), float64(n & 255)}
}

func (c colour) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(c.r+.5), int(c.g+.5), int(c.b+.5))
}

// mix goes from c towards d by a share of 0 to 1.
func (c colour) mix(d colour, share float64) colour {
	part := func(a, b float64) float64 { return math.Round(a + (b-a)*share) }
	return colour{part(c.r, d.r), part(c.g, d.g), part(c.b, d.b)}
}

// luminance is the relative luminance of WCAG 2.2.
func (c colour) luminance() float64 {
	linear := func(v float64) float64 {
		v /= 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is the contrast ratio of WCAG 2.2, 1 to 21.
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

var white, black = parseHex("#ffffff"), parseHex("#000000")

// until moves c towards d in small steps until it stands out from every ground by the ratio.
func (c colour) until(ratio float64, d colour, grounds ...colour) colour {
	for share := 0.0; share < 1; share += 0.02 {
		shade, enough := c.mix(d, share), true
		for _, g := range grounds {
			enough = enough && contrast(shade, g) >= ratio
		}
		if enough {
			return shade
		}
	}
	return d
}

// ink is what is legible on c: of white and near-black the one with more contrast, which is never below 4.5:1.
func (c colour) ink() colour {
	if contrast(white, c) >= 4.5 {
		return white
	}
	return parseHex("#0b0d10").until(4.5, black, c)
}

// palette is one mode's colours; the names are those of the custom properties in soglia.css.
type palette struct {
	Page, Card, Field             colour // grounds
	Ink, Muted                    colour // text, on Page and Card
	Line                          colour // decoration
	Edge                          colour // outline of a field: 3:1 (WCAG 1.4.11)
	Wrong, WrongBack              colour
	Button, ButtonInk, ButtonOver colour
	Link                          colour // on Page, Card and Soft
	Soft                          colour // a tint of the accent behind a note
}

// scheme is a palette for each preference.
type scheme struct{ light, dark palette }

// paint derives both palettes from the accent: it is kept where it is legible, and shaded just as far as it is not.
func paint(accent string) scheme {
	a := parseHex(accent)

	l := palette{Page: parseHex("#f4f5f7"), Card: white, Field: white, Ink: parseHex("#171a21"), Muted: parseHex("#535b69"), Line: parseHex("#dfe3e8"),
		Edge: parseHex("#7a8393"), Wrong: parseHex("#ad1f17"), WrongBack: parseHex("#fdf1f0")}
	l.Soft = l.Card.mix(a, 0.07)
	l.Link = a.until(4.5, black, l.Card, l.Page, l.Soft)
	l.Button = a.until(3, black, l.Card)

	d := palette{Page: parseHex("#0e1116"), Card: parseHex("#171b22"), Field: parseHex("#10141a"), Ink: parseHex("#e8ebf0"), Muted: parseHex("#a3acba"), Line: parseHex("#2a303a"),
		Edge: parseHex("#778192"), Wrong: parseHex("#ffb3aa"), WrongBack: parseHex("#35191a")}
	d.Soft = d.Card.mix(a, 0.14)
	d.Link = a.until(6.5, white, d.Card, d.Page, d.Soft)
	d.Button = a.until(3, white, d.Card)

	for _, p := range []*palette{&l, &d} {
		p.ButtonInk = p.Button.ink()
		// Hovering moves the ground away from its ink, so contrast only grows.
		away := white
		if p.ButtonInk == white {
			away = black
		}
		p.ButtonOver = p.Button.mix(away, 0.12)
	}
	return scheme{light: l, dark: d}
}

// properties are the palette as custom properties.
func (p palette) properties() string {
	var b strings.Builder
	for _, v := range []struct {
		name string
		c    colour
	}{
		{"page", p.Page}, {"card", p.Card}, {"field", p.Field}, {"ink", p.Ink}, {"muted", p.Muted}, {"line", p.Line}, {"edge", p.Edge},
		{"wrong", p.Wrong}, {"wrong-back", p.WrongBack}, {"button", p.Button}, {"button-ink", p.ButtonInk}, {"button-over", p.ButtonOver},
		{"link", p.Link}, {"soft", p.Soft},
	} {
		fmt.Fprintf(&b, "--%s:%s;", v.name, v.c)
	}
	return b.String()
}
