package account

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
)

func TestEveryRecordOfTheJournalHasItsWords(t *testing.T) {
	pages, err := templates.New(templates.Brand{Name: "x", Host: "sso.example.it"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range journal {
		if !pages.Has("journal." + name) {
			t.Errorf("no text for %s", name)
		}
	}
}

// What an address says is where to begin, or nothing.
func TestT06AForgedKeyOfTheJournalBeginsAtTheNewest(t *testing.T) {
	at := time.UnixMicro(1764600000000001).UTC()
	if got, id := afterRecord(recordKey(&storage.Event{At: at, ID: "ABC"})); !got.Equal(at) || id != "ABC" {
		t.Errorf("%v %q", got, id)
	}
	for _, forged := range []string{"", "x", "MTc2", "LTUgYQ", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5IGE", "MSBhIGI", "MSAnOyBEUk9Q\x00"} {
		if got, id := afterRecord(forged); !got.IsZero() || id != "" {
			t.Errorf("%q begins at %v %q", forged, got, id)
		}
	}
}
