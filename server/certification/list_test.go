package certification_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The paper's list is this list: whoever reads what is tried can believe it.
func TestThePaperHasTheList(t *testing.T) {
	text, err := os.ReadFile("../../docs/certification.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, part := range []struct {
		of, test string
		lines    []line
	}{
		{"Always", "TestAlways", always}, {"Basic, and all of it once more by Form Post", "TestBasic`, `TestFormPost", basic}, {"Form Post, besides", "TestFormPost", formPost}, {"RP-Initiated Logout", "TestRPInitiatedLogout", logout},
		{"Back-Channel Logout", "TestBackChannelLogout", backChannel}, {"Front-Channel Logout", "TestFrontChannelLogout", frontChannel},
		{"Pages for automated browsers", "TestPages", pages},
	} {
		fmt.Fprintf(&want, "\n%s (`%s`):\n\n", part.of, part.test)
		seen := map[string]bool{}
		for _, l := range part.lines {
			if seen[l.says] {
				t.Errorf("%s: twice %q", part.of, l.says)
			}
			seen[l.says] = true
			fmt.Fprintf(&want, "- %s\n", l.says)
		}
	}
	if _, list, _ := strings.Cut(string(text), "<!-- the list of server/certification -->\n"); strings.TrimSpace(list) != strings.TrimSpace(want.String()) {
		t.Errorf("docs/certification.md must end with this list:\n%s", want.String())
	}
}
