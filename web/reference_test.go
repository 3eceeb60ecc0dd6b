package web

import "testing"

func TestAReferenceIsReadHoweverItWasNotedDown(t *testing.T) {
	for range 200 {
		ref := newReference()
		if got, ok := ReadReference(ref); got != ref || !ok {
			t.Errorf("%q reads as %q, %v", ref, got, ok)
		}
	}
	for _, noted := range []string{"7F30-91QD", "7f30-91qd", "7f3091qd", " 7F30 91QD ", "7F3O-9IQD", "7f3o9lqd"} {
		if got, ok := ReadReference(noted); got != "7F30-91QD" || !ok {
			t.Errorf("%q reads as %q, %v", noted, got, ok)
		}
	}
	for _, noted := range []string{"", "7F3K-92Q", "7F3K-92QDD", "7F3K-92QU", "7F3K-92Q\u212a", "<b>7F3K</b>"} {
		if got, ok := ReadReference(noted); ok {
			t.Errorf("%q reads as %q", noted, got)
		}
	}
}
