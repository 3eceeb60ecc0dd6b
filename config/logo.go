package config

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// largestLogo keeps every page small: the logo stands in each of them.
const largestLogo = 64 << 10

// wrongLogo returns why data cannot stand inside a page as an image, or "". The page's CSP would stop a script too;
// this is the second lock.
func wrongLogo(data []byte) string {
	if len(data) > largestLogo {
		return fmt.Sprintf("is larger than %d KiB", largestLogo>>10)
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	for depth, seen := 0, false; ; {
		token, err := d.Token()
		if err == io.EOF && seen {
			return ""
		}
		if err != nil {
			return "is not a well-formed SVG"
		}
		switch t := token.(type) {
		case xml.Directive:
			return "has a document type; leave it out"
		case xml.StartElement:
			name := strings.ToLower(t.Name.Local)
			if depth == 0 && name != "svg" {
				return "is not an SVG"
			}
			switch name {
			case "script", "foreignobject", "iframe", "object", "embed", "style", "animate", "set", "a":
				return fmt.Sprintf("has an element <%s>", t.Name.Local)
			}
			for _, a := range t.Attr {
				if problem := wrongAttribute(a); problem != "" {
					return problem
				}
			}
			depth, seen = depth+1, true
		case xml.EndElement:
			depth--
		}
	}
}

func wrongAttribute(a xml.Attr) string {
	name, value := strings.ToLower(a.Name.Local), strings.ToLower(strings.TrimSpace(a.Value))
	switch {
	case strings.HasPrefix(name, "on"):
		return fmt.Sprintf("has an attribute %s", a.Name.Local)
	case name == "style":
		return "has an attribute style; use presentation attributes such as fill"
	case name == "href" && !strings.HasPrefix(value, "#"), strings.Contains(value, "url(") && !strings.Contains(value, "url(#"):
		return "points to something outside itself"
	}
	return ""
}

// contrastWithWhite returns the contrast ratio of "#rrggbb" and white (WCAG 2.2, relative luminance).
func contrastWithWhite(colour string) (float64, bool) {
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil || len(colour) != 7 || colour[0] != '#' {
		return 0, false
	}
	channel := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	luminance := 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
	return 1.05 / (luminance + 0.05), true
}
