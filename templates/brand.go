package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// Brand is what an operator says about the look of the pages.
type Brand struct {
	Name         string            // shown on every page and in every message
	LogoSVG      string            // source of an SVG picture, served as a file of its own; "" = a mark in the accent colour beside the name
	Accent       string            // "#rrggbb"; "" = the default blue
	SupportURL   map[string]string // public help page by language
	SupportPhone string            // "+39 0000 000000"
	Offered      []string          // languages in the order they are listed; empty = every language there are texts for
	DefaultLang  string            // "" = the first of Offered
	Dev          bool              // the ribbon on every page
	Host         string            // issuer host
	Has          Has
}

// Has is what an installation has of what texts speak of: every text sees it as .Has, so that none points to what is absent.
// What only this person has or lacks, a page's own fields say.
type Has struct {
	Usernames, Emails bool // what people may type to say who they are
	App               bool // an authenticator app can be switched on
	Reserve           bool // reserve codes come with it
	EverySignIn       bool // what was switched on is asked at every sign-in
	Mail, Phone       bool // one-time codes go to an address, to a number
	Areas             bool // some areas ask for a second step
}

// Codes tells whether one-time codes are sent at all.
func (h Has) Codes() bool { return h.Mail || h.Phone }

// defaultAccent is used when the operator names none.
const defaultAccent = "#0b5fff"

var viewBox = regexp.MustCompile(`viewBox\s*=\s*["'][-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)`)

// wide tells a logo with a name in it from a mark. One that does not tell its measures is taken as a logo.
func wide(svg string) bool {
	m := viewBox.FindStringSubmatch(svg)
	if m == nil {
		return svg != ""
	}
	width, _ := strconv.ParseFloat(m[1], 64)
	height, _ := strconv.ParseFloat(m[2], 64)
	return width > 1.5*height
}

var hexColour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// complete fills what was left out and refuses what cannot be shown.
func (b *Brand) complete(languages []string) error {
	if b.Name == "" {
		return fmt.Errorf("templates: the brand has no name")
	}
	if b.Accent == "" {
		b.Accent = defaultAccent
	}
	// The colour is written into a style sheet: anything but six hexadecimal digits could say more than a colour.
	if !hexColour.MatchString(b.Accent) {
		return fmt.Errorf("templates: accent %q is not a colour like %s", b.Accent, defaultAccent)
	}
	if len(b.Offered) == 0 {
		b.Offered = languages
	}
	b.Offered = slices.Clone(b.Offered)
	for _, l := range b.Offered {
		if !slices.Contains(languages, l) {
			return fmt.Errorf("templates: there are no texts in language %q (there are: %v)", l, languages)
		}
	}
	if b.DefaultLang == "" {
		b.DefaultLang = b.Offered[0]
	}
	if !slices.Contains(b.Offered, b.DefaultLang) {
		return fmt.Errorf("templates: the default language %q is not offered", b.DefaultLang)
	}
	return nil
}
