package servertest

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// find returns the first element in document order for which ok holds.
func find(n *html.Node, ok func(*html.Node) bool) *html.Node {
	if n == nil {
		return nil
	}
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && ok(d) {
			return d
		}
	}
	return nil
}

// all returns every element for which ok holds.
func all(n *html.Node, ok func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	if n == nil {
		return nil
	}
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && ok(d) {
			out = append(out, d)
		}
	}
	return out
}

// attr returns an attribute's value, "" when it is absent.
func attr(n *html.Node, name string) string {
	v, _ := lookAttr(n, name)
	return v
}

func lookAttr(n *html.Node, name string) (string, bool) {
	if n == nil {
		return "", false
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// text is what a person reads of an element, spaces collapsed.
func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "head"):
			return
		case n.Type == html.ElementNode && hidden(n):
			return
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
		if n.Type == html.ElementNode {
			b.WriteByte(' ')
		}
	}
	if n != nil {
		walk(n)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// hidden elements wait for a script.
func hidden(n *html.Node) bool {
	_, is := lookAttr(n, "hidden")
	return is
}

func byID(doc *html.Node, id string) *html.Node {
	return find(doc, func(n *html.Node) bool { return attr(n, "id") == id })
}

func is(n *html.Node, tags ...string) bool {
	for _, t := range tags {
		if n != nil && n.Type == html.ElementNode && n.Data == t {
			return true
		}
	}
	return false
}

// formOf returns the form an element belongs to: its form attribute, else the form around it.
func formOf(doc, n *html.Node) *html.Node {
	if id := attr(n, "form"); id != "" {
		return byID(doc, id)
	}
	for p := n; p != nil; p = p.Parent {
		if is(p, "form") {
			return p
		}
	}
	return nil
}

// labelled returns the control whose label, aria-label or labelling element reads as given: the way a person (and a
// screen reader) finds a field. An exact label wins over one that only begins so.
func labelled(doc *html.Node, label string) *html.Node {
	var begins *html.Node
	for _, l := range all(doc, func(n *html.Node) bool { return is(n, "label") }) {
		field := byID(doc, attr(l, "for"))
		if attr(l, "for") == "" {
			field = find(l, func(n *html.Node) bool { return is(n, "input", "select", "textarea") })
		}
		switch t := text(l); {
		case field == nil:
		case t == label:
			return field
		case begins == nil && strings.HasPrefix(t, label):
			begins = field
		}
	}
	if begins != nil {
		return begins
	}
	return find(doc, func(n *html.Node) bool { return is(n, "input", "select", "textarea") && attr(n, "aria-label") == label })
}

// values collects what a form would send (HTML §4.10.21.4), with what was filled in, and the button that sends it.
func values(doc, form, button *html.Node, filled map[*html.Node]string) url.Values {
	out := url.Values{}
	for _, n := range all(doc, func(n *html.Node) bool {
		return is(n, "input", "select", "textarea", "button") && formOf(doc, n) == form
	}) {
		name := attr(n, "name")
		if _, off := lookAttr(n, "disabled"); off || name == "" {
			continue
		}
		value, changed := filled[n]
		switch kind := attr(n, "type"); {
		case is(n, "button") || kind == "submit" || kind == "image" || kind == "button":
			if n == button {
				out.Add(name, attr(n, "value"))
			}
		case kind == "checkbox" || kind == "radio":
			_, checked := lookAttr(n, "checked")
			if changed {
				checked = value != ""
			}
			if checked {
				v, ok := lookAttr(n, "value")
				if !ok {
					v = "on"
				}
				out.Add(name, v)
			}
		case changed:
			out.Add(name, value)
		case is(n, "textarea"):
			out.Add(name, text(n))
		case is(n, "select"):
			out.Add(name, selected(n))
		default:
			out.Add(name, attr(n, "value"))
		}
	}
	return out
}

func selected(n *html.Node) string {
	options := all(n, func(n *html.Node) bool { return is(n, "option") })
	for _, o := range options {
		if _, ok := lookAttr(o, "selected"); ok {
			return attr(o, "value")
		}
	}
	if len(options) > 0 {
		return attr(options[0], "value")
	}
	return ""
}
