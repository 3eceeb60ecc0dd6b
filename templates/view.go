package templates

import (
	"cmp"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
)

// view is what the layout sees: the page, what all pages share, and the functions of its language. They are methods and
// not template functions because each needs the language, and a method cannot be forgotten when a page is added.
type view struct {
	*Page
	P    any
	kind kind
	set  *Set
}

// look prepares a page for its template.
func (s *Set) look(page any) (*view, error) {
	p, err := pageOf(page)
	if err != nil {
		return nil, err
	}
	common, k := p.common(), p.kind()
	if s.texts.known[common.Lang] == nil {
		common.Lang = s.brand.DefaultLang
	}
	if common.Step == "" {
		common.Step = k.step
	}
	v := &view{Page: common, P: p, kind: k, set: s}
	common.Title = v.title()
	return v, nil
}

// title is the id of the page's title.
func (v *view) title() string {
	k := v.kind
	for _, id := range append(k.titles, v.Title) {
		if v.set.Has(id) {
			return id
		}
	}
	if k.words {
		return v.set.words(k.title, k.method)
	}
	return k.title
}

func (v *view) Heading() string { return cmp.Or(v.kind.heading, "page-title") }
func (v *view) Icon() string    { return v.kind.icon }
func (v *view) Brand() string   { return v.set.brand.Name }
func (v *view) Has() Has        { return v.set.brand.Has }
func (v *view) CSS() string     { return v.set.css }
func (v *view) JS() string      { return v.set.js }
func (v *view) Favicon() string { return v.set.icon }
func (v *view) Logo() string    { return v.set.logo }
func (v *view) Ribbon() bool    { return v.Dev || v.set.brand.Dev }

// T is a text; pairs are its arguments, name and value by turns. A missing id is an error: it fails the fixture tests.
func (v *view) T(id string, pairs ...any) (string, error) {
	s, ok := v.set.texts.get(v.Lang, id, arguments(pairs))
	if !ok {
		return "", fmt.Errorf("no text %q in %q", id, v.Lang)
	}
	return s, nil
}

// H is a text whose arguments are emphasised.
func (v *view) H(id string, pairs ...any) (template.HTML, error) {
	s, ok := v.set.texts.emphasise(v.Lang, id, arguments(pairs))
	if !ok {
		return "", fmt.Errorf("no text %q in %q", id, v.Lang)
	}
	return s, nil
}

// Wrong is the text of an error, where it has one in the words of the page's method in those. An id that has no text is a
// general sentence rather than no page.
func (v *view) Wrong(id string, args map[string]any) (string, error) {
	if !v.set.Has(id) {
		id = v.set.words(id, v.kind.method)
	}
	if s, ok := v.set.texts.get(v.Lang, id, args); ok {
		return s, nil
	}
	return v.T("internal")
}

// Why is the sentence of an acr.Reason before the first or the second step; "" when there is nothing to say.
func (v *view) Why(step, reason, provider string, areas []string) template.HTML {
	args := map[string]any{"Panel": v.Panel, "Provider": provider, "Many": len(areas) > 1}
	if len(areas) == 1 {
		args["Area"] = areas[0]
	}
	for _, id := range []string{"why." + step + "." + reason, "why." + reason} {
		if v.set.Has(id) {
			s, _ := v.set.texts.emphasise(v.Lang, id, args)
			return s
		}
	}
	return ""
}

// Failed tells a page that reports an error; its title says so first.
func (v *view) Failed() bool { return v.Error != nil || v.kind.failed }

// Says tells whether the error says this text already.
func (v *view) Says(text string) bool { return v.Error != nil && v.Error.Text == text }

// Flag tells whether the error is about this field.
func (v *view) Flag(field string) bool { return v.Error != nil && v.Error.Field == field }

// words is the id of a text in a method's own words, "way.totp", or in general ones, "way.code".
func (s *Set) words(prefix, method string) string {
	if id := prefix + "." + method; s.Has(id) {
		return id
	}
	return prefix + ".code"
}

// Method is a text about a method.
func (v *view) Method(prefix, method, destination string) (template.HTML, error) {
	id := v.set.words(prefix, method)
	// A masked number stays on one line; a long address may break.
	return v.H(id, "Destination", strings.ReplaceAll(destination, " ", "\u00a0"))
}

// About is a text in the words of the method that the page is about.
func (v *view) About(prefix string) (template.HTML, error) {
	return v.Method(prefix, v.kind.method, "")
}

// Wait is a number of seconds in words. With script a clock takes their place.
func (v *view) Wait(n int) string { return v.set.texts.wait(v.Lang, n) }

// arguments makes name and value by turns into a map.
func arguments(pairs []any) map[string]any {
	if len(pairs) == 0 {
		return nil
	}
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m
}

// HasName tells whether the logo is broad enough to hold the name; a mark needs it beside it.
func (v *view) HasName() bool { return wide(v.set.brand.LogoSVG) }

// Holds says how long a step holds, in words; "" where the page says nothing about it.
func (v *view) Holds() (string, error) {
	holds := v.kind.holds
	if holds == "" {
		return "", nil
	}
	if n, err := strconv.Atoi(holds); err == nil {
		return v.T("code.holds_minutes", "Count", n)
	}
	if d, err := time.ParseDuration(holds); err == nil {
		return v.T("code.holds_minutes", "Count", max(int(d/time.Minute), 1))
	}
	return v.T("code.holds_session")
}

// HiddenWay is the way that an enrolment form must carry on.
func (v *view) HiddenWay() string { return v.kind.way }
