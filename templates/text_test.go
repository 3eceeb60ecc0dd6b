package templates

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var placeholder = regexp.MustCompile(`\.[A-Z][A-Za-z]*`)

// forms are the texts of a language: id, then its forms.
func forms(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	raw, err := files.ReadFile("text/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		id := key.(string)
		if all[id] != nil {
			t.Errorf("%s: %q twice", lang, id)
		}
		switch v := v.(type) {
		case string:
			all[id] = map[string]string{"other": v}
		case map[string]any:
			all[id] = map[string]string{}
			for form, s := range v {
				all[id][form] = s.(string)
			}
		}
	}
	return all
}

func TestLanguagesSayTheSameThings(t *testing.T) {
	it := forms(t, "it")
	for _, lang := range languages[1:] {
		other := forms(t, lang)
		for id := range other {
			if it[id] == nil {
				t.Errorf("%s: %q is not in it", lang, id)
			}
		}
		for id, texts := range it {
			if other[id] == nil {
				t.Errorf("%s: no %q", lang, id)
				continue
			}
			if a, b := slices.Sorted(maps.Keys(texts)), slices.Sorted(maps.Keys(other[id])); !slices.Equal(a, b) {
				t.Errorf("%s: %q has forms %v, it has %v", lang, id, b, a)
			}
			args := func(forms map[string]string) []string {
				all := placeholder.FindAllString(forms["other"], -1)
				slices.Sort(all)
				return slices.Compact(all)
			}
			if a, b := args(texts), args(other[id]); !slices.Equal(a, b) {
				t.Errorf("%s: %q uses %v, it uses %v", lang, id, b, a)
			}
		}
	}
}

// Q40: a language is one file; what is missing in it is told at start and not by a page that fails.
func TestQ40ALanguageThatLacksTextsDoesNotStart(t *testing.T) {
	tx, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	tx.known["de"] = map[string]bool{}
	for id := range tx.known["it"] {
		tx.known["de"][id] = id != "signin.title" && id != "home.link"
	}
	if err := tx.complete(); err == nil || err.Error() != "templates: text/de.json lacks home.link, signin.title" {
		t.Errorf("%v", err)
	}
}

func TestTextsHoldNoMarkupAndNoStraightApostrophe(t *testing.T) {
	for _, lang := range languages {
		for id, texts := range forms(t, lang) {
			for _, s := range texts {
				if strings.ContainsAny(s, "<>&'") || strings.TrimSpace(s) != s || s == "" {
					t.Errorf("%s: %q: %q", lang, id, s)
				}
			}
		}
	}
}

func TestNumbersAndWaitsAreWordsOfTheLanguage(t *testing.T) {
	s := newSet(t)
	for _, c := range []struct {
		lang, id string
		args     map[string]any
		want     string
	}{
		{"it", "code.valid", map[string]any{"Count": 1}, "Vale 1 minuto."},
		{"it", "code.valid", map[string]any{"Count": 10}, "Vale 10 minuti."},
		{"it", "code.valid", map[string]any{"Count": 1000000}, "Vale 1000000 minuti."}, // CLDR: Italian has a "many" here
		{"en", "code.valid", map[string]any{"Count": 1}, "It is valid for 1 minute."},
		{"it", "too_many", nil, "Troppi tentativi. Riprova più tardi."},
		{"it", "too_many", map[string]any{"Seconds": 1}, "Troppi tentativi. Riprova tra 1 secondo."},
		{"it", "too_many", map[string]any{"Seconds": 90}, "Troppi tentativi. Riprova tra 90 secondi."},
		{"en", "too_many", map[string]any{"Seconds": 91}, "Too many attempts. Try again in 2 minutes."},
		{"en", "too_many", map[string]any{"Seconds": 15 * time.Minute}, "Too many attempts. Try again in 15 minutes."},
		{"it", "too_many", map[string]any{"Seconds": 90*time.Minute + time.Second}, "Troppi tentativi. Riprova tra 2 ore."},
		{"en", "too_many", map[string]any{"Seconds": -1}, "Too many attempts. Try again later."},
		{"tlh", "code.label.code", nil, "Codice di verifica"},
		{"it", "no.such.text", nil, "no.such.text"},
	} {
		if got := s.Text(c.lang, c.id, c.args); got != c.want {
			t.Errorf("%s %s %v: %q, want %q", c.lang, c.id, c.args, got, c.want)
		}
	}
	if got := s.texts.list("it", "list.and", []string{"a", "b", "c"}); got != "a, b e c" {
		t.Errorf("list: %q", got)
	}
}

func TestEveryErrorAPageCanShowHasAText(t *testing.T) {
	s := newSet(t)
	for _, id := range []string{"wrong_credentials", "wrong_code.code", "code_gone.tried", "code_gone.expired", "code_gone.over", "code_gone.moved", "code_gone.elsewhere", "too_many", "resend_wait", "resend_limit", "resend_held", "session_expired",
		"other_browser", "already_finished", "bad_request", "unknown_client", "bad_redirect", "not_found", "method_not_allowed", "too_large", "cross_site",
		"unavailable", "internal", "provider_failed", "provider_unavailable", "social_no_link", "loop", "logout_failed", "cooling_helpdesk"} {
		if !s.Has(id) {
			t.Errorf("no text %q", id)
		}
	}
}

func TestEmphasisBringsNoMarkup(t *testing.T) {
	tx := newSet(t).texts
	got, ok := tx.emphasise("it", "signin.for", map[string]any{"Panel": "\x03<b>\x02"})
	if want := "per continuare su <strong>&lt;b&gt;</strong>"; !ok || string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLanguageIsMatched(t *testing.T) {
	both, italian := newSet(t), newSet(t, func(b *Brand) { b.Offered = []string{"it"} })
	for _, c := range []struct {
		set                *Set
		accept, ui, expect string
	}{
		{both, "", "", "it"},
		{both, "en-GB,en;q=0.9,it;q=0.8", "", "en"},
		{both, "eo,en;q=0.5", "", "en"},
		{both, "eo", "", "it"},
		{both, "*", "", "it"},
		{both, "it;q=0.3, en;q=0.9", "", "en"},
		{both, "en", "it", "it"},
		{both, "it", "fr-CA en", "en"},
		{both, "it", "!!! tlh en", "en"},
		{both, ";;;,=q", "\x00", "it"},
		{italian, "en", "en", "it"},
		{both, strings.Repeat("eo,", 5000) + "en", "", "it"},
		{both, strings.Repeat("x", 1<<20), strings.Repeat("-", 1<<20), "it"},
		{both, strings.Repeat("a-", 1<<19), strings.Repeat("en ", 1<<18), "en"},
	} {
		if got := c.set.Match(c.accept, c.ui); got != c.expect {
			t.Errorf("Match(%.40q, %.40q) = %q, want %q", c.accept, c.ui, got, c.expect)
		}
	}
}

func TestASetIsSafeForManyRequestsAtOnce(t *testing.T) {
	s := newSet(t)
	var wg sync.WaitGroup
	for _, f := range Fixtures() {
		for _, lang := range languages {
			wg.Go(func() {
				if _, err := s.RenderFixture(f.Name, lang); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
}
