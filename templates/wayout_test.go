package templates

import (
	"slices"
	"testing"

	"golang.org/x/net/html"
)

// A page that only says something leaves a person standing there: each has a button or a link of its own, or the menu of the
// account area, besides the help and the languages at its foot.
func TestEveryPageHasAWayOn(t *testing.T) {
	s := newSet(t)
	for _, f := range Fixtures() {
		raw, err := s.RenderFixture(f.Name, "en")
		if err != nil {
			t.Fatal(err)
		}
		page := parse(t, raw)
		main := elements(page, "main")
		menu := slices.ContainsFunc(elements(page, "nav"), func(n *html.Node) bool { id, _ := attr(n, "id"); return id == "places" })
		if len(main) != 1 || len(elements(main[0], "a", "button")) == 0 && !menu {
			t.Errorf("%s: nothing to click", f.Name)
		}
	}
}
