package server_test

import (
	"os"
	"strings"
	"testing"
)

// Operators build on what the documents promise. They once said that a floor alone protects a panel that knows nothing of
// levels; it does not, if the panel never looks at the granted scope.
func TestQ45TheDocumentsPromiseWhatHolds(t *testing.T) {
	for _, doc := range []string{"../README.md", "../docs/panels.md", "../docs/configuration.md", "../examples/minimal.yaml", "../deploy/soglia.yaml", "../cmd/soglia/init_files.go"} {
		b, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(string(b)), " ")
		if !strings.Contains(text, "require_acr") {
			t.Errorf("%s speaks of floors and does not say what protects a panel that reads no scope", doc)
		}
		for _, claim := range []string{"protected by this alone", "protected all the same", "floor is `mfa`, nothing else is needed"} {
			if strings.Contains(text, claim) {
				t.Errorf("%s: %q", doc, claim)
			}
		}
	}
}
