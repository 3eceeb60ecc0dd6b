package op

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// membersOf makes members of anything, for tests that put into a token what we would not.
func membersOf(t *testing.T, claims map[string]any) members {
	t.Helper()
	raw, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return members(raw[:len(raw)-1])
}

func TestTextsAreQuotedAsEncodingJSONDoes(t *testing.T) {
	texts := []string{"", "plain", "è ü 漢 🙂", "\xff broken \xc3", "\u2028\u2029", "</script>&amp;", strings.Repeat("long ", 300)}
	for r := range rune(0x300) {
		texts = append(texts, string(r), "a"+string(r)+"b", string([]byte{byte(r)}))
	}
	for _, s := range texts {
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(quoted(nil, s)); got != string(want) {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

func TestAnObjectOfMembersIsReadAsItWasWritten(t *testing.T) {
	m := object(0).text("empty", "").some("left out", "").some("text", `a "b" <c>`).number("zero", 0).
		since("never", 0).since("time", 1790000000).number("below", -5).texts("none", nil).texts("list", []string{"a", `"`, ""})
	for name, v := range map[string]any{"yes": true, "whole": int64(7), "word": "w", "map": map[string]int{"a": 1}, "raw": json.RawMessage(`{"b":[1,2]}`)} {
		var err error
		if m, err = m.value(name, v); err != nil {
			t.Fatal(err)
		}
	}
	var got map[string]any
	if err := json.Unmarshal(m.end(), &got); err != nil {
		t.Fatalf("%v: %s", err, m.end())
	}
	want := map[string]any{
		"empty": "", "text": `a "b" <c>`, "zero": 0.0, "time": 1790000000.0, "below": -5.0, "list": []any{"a", `"`, ""},
		"yes": true, "whole": 7.0, "word": "w", "map": map[string]any{"a": 1.0}, "raw": map[string]any{"b": []any{1.0, 2.0}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := string(object(0).all(nil).end()) + string(object(0).all(members(nil).text("a", "b").number("n", 1)).text("c", "d").end()); got != `{}{"a":"b","n":1,"c":"d"}` {
		t.Error(got)
	}
}
