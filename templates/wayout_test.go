package templates

import "testing"

// A page that only says something leaves a person standing there: each has a button or a link of its own, besides the
// help and the languages at its foot.
func TestEveryPageHasAWayOn(t *testing.T) {
	s := newSet(t)
	for _, f := range Fixtures() {
		raw, err := s.RenderFixture(f.Name, "en")
		if err != nil {
			t.Fatal(err)
		}
		main := elements(parse(t, raw), "main")
		if len(main) != 1 || len(elements(main[0], "a", "button")) == 0 {
			t.Errorf("%s: nothing to click", f.Name)
		}
	}
}
