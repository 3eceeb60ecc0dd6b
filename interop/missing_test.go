package interop

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// missing skips the test, or fails it where SOGLIA_TEST_REQUIRE names what is not there.
func missing(t *testing.T, what, sentence string) {
	t.Helper()
	if required(what) {
		t.Fatal(sentence)
	}
	t.Skip(sentence)
}

func required(what string) bool {
	all := strings.FieldsFunc(os.Getenv("SOGLIA_TEST_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' })
	return slices.Contains(all, what)
}

// until asks again until it is so, a thousand times and more, and fails the test with the last words of say.
func until(t *testing.T, is func() bool, say func() string) {
	t.Helper()
	for range 1200 {
		if is() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal(say())
}
