package stepup

import "testing"

func TestLevelsSuffice(t *testing.T) {
	l := Levels{"sfa", "mfa", "phr"}
	for _, c := range []struct {
		have, want string
		suffices   bool
	}{
		{"sfa", "sfa", true}, {"mfa", "mfa", true}, {"phr", "mfa", true}, {"phr", "sfa", true},
		{"sfa", "mfa", false}, {"mfa", "phr", false},
		{"sfa", "gold", false}, {"phr", "gold", false}, {"gold", "sfa", false}, {"gold", "mfa", false},
		{"gold", "gold", true}, // nobody needs a list for that
		{"", "sfa", false}, {"mfa", "", false}, {"", "", false},
	} {
		if l.Suffice(c.have, c.want) != c.suffices {
			t.Errorf("%q where %q is asked: %v", c.have, c.want, !c.suffices)
		}
	}
	if !(Levels)(nil).Suffice("mfa", "mfa") || (Levels)(nil).Suffice("phr", "mfa") {
		t.Error("without a list only the very same suffices")
	}
}
