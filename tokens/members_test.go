package tokens

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTextsAreQuotedAsEncodingJSONDoes(t *testing.T) {
	Texts := []string{"", "plain", "è ü 漢 🙂", "\xff broken \xc3", "\u2028\u2029", "</script>&amp;", strings.Repeat("long ", 300)}
	for r := range rune(0x300) {
		Texts = append(Texts, string(r), "a"+string(r)+"b", string([]byte{byte(r)}))
	}
	for _, s := range Texts {
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
	m := Object(0).Text("empty", "").Some("left out", "").Some("text", `a "b" <c>`).Number("zero", 0).
		Since("never", 0).Since("time", 1790000000).Number("below", -5).Texts("none", nil).Texts("list", []string{"a", `"`, ""}).
		Flag("yes", true).Raw("raw", []byte(`{"b":[1,2]}`)).authn(nil).authn(&Authn{Channels: []string{"email"}, IDP: "demo"})
	var got map[string]any
	if err := json.Unmarshal(m.End(), &got); err != nil {
		t.Fatalf("%v: %s", err, m.End())
	}
	want := map[string]any{
		"empty": "", "text": `a "b" <c>`, "zero": 0.0, "time": 1790000000.0, "below": -5.0, "list": []any{"a", `"`, ""},
		"yes": true, ClaimAuthn: map[string]any{"channels": []any{"email"}, "idp": "demo"}, "raw": map[string]any{"b": []any{1.0, 2.0}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := string(Object(0).All(nil).End()) + string(Object(0).All(Members(nil).Text("a", "b").Number("n", 1)).Text("c", "d").End()); got != `{}{"a":"b","n":1,"c":"d"}` {
		t.Error(got)
	}
}
