package templates

import (
	"cmp"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// texts are the sentences of every language. Those without a placeholder are looked up in a plain map: a page has
// dozens, and language matching for each would cost more than the rest of the page.
type texts struct {
	bundle    *i18n.Bundle
	languages []string                     // sorted as they should be offered: Italian first
	fixed     map[string]map[string]string // language, id
	known     map[string]map[string]bool   // language, id
	localizer map[string]*i18n.Localizer
	fallback  string
	has       Has
}

// languages are the files of text/, Italian first. A new language is a file.
var languages = found()

// Languages are those there are texts in, in the order they are offered.
func Languages() []string { return slices.Clone(languages) }

func found() []string {
	names, err := fs.Glob(files, "text/*.json")
	if err != nil {
		panic(err) // the pattern is ours
	}
	var all []string
	for _, name := range names {
		all = append(all, strings.TrimSuffix(path.Base(name), ".json"))
	}
	slices.SortFunc(all, func(a, b string) int {
		first := func(lang string) int {
			if lang == "it" {
				return 0
			}
			return 1
		}
		return cmp.Or(first(a)-first(b), cmp.Compare(a, b))
	})
	return all
}

func loadTexts() (*texts, error) {
	tx := &texts{
		bundle: i18n.NewBundle(language.Make(languages[0])), languages: languages, fallback: languages[0],
		fixed: map[string]map[string]string{}, known: map[string]map[string]bool{}, localizer: map[string]*i18n.Localizer{},
	}
	for _, lang := range languages {
		name := path.Join("text", lang+".json")
		raw, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
		file, err := tx.bundle.ParseMessageFileBytes(raw, name)
		if err != nil {
			return nil, fmt.Errorf("templates: %s: %w", name, err)
		}
		tx.fixed[lang], tx.known[lang] = map[string]string{}, map[string]bool{}
		for _, m := range file.Messages {
			tx.known[lang][m.ID] = true
			if m.One == "" && !strings.Contains(m.Other, "{{") {
				tx.fixed[lang][m.ID] = m.Other
			}
		}
		tx.localizer[lang] = i18n.NewLocalizer(tx.bundle, lang)
	}
	return tx, tx.complete()
}

// complete: a page that met a missing text would fail before somebody's eyes, so the program does not start.
func (tx *texts) complete() error {
	for lang, known := range tx.known {
		var missing []string
		for id := range tx.known[tx.fallback] {
			if !known[id] {
				missing = append(missing, id)
			}
		}
		if len(missing) > 0 {
			slices.Sort(missing)
			return fmt.Errorf("templates: text/%s.json lacks %s", lang, strings.Join(missing, ", "))
		}
	}
	return nil
}

// get is the text, and whether there is one.
func (tx *texts) get(lang, id string, args map[string]any) (string, bool) {
	if tx.known[lang] == nil {
		lang = tx.fallback
	}
	if s, ok := tx.fixed[lang][id]; ok {
		return s, true
	}
	if !tx.known[lang][id] {
		return "", false
	}
	data := maps.Clone(args)
	if data == nil {
		data = map[string]any{}
	}
	data["Has"] = tx.has
	if n, ok := seconds(args["Seconds"]); ok {
		data["Wait"] = tx.wait(lang, n)
	}
	conf := &i18n.LocalizeConfig{MessageID: id, TemplateData: data}
	if n, ok := args["Count"]; ok {
		conf.PluralCount = n
	}
	// go-i18n answers the "other" form together with an error where CLDR knows a form that the file leaves out (Italian
	// "many", for a million minutes): the text is good, so it counts.
	s, _ := tx.localizer[lang].Localize(conf)
	return s, s != ""
}

// wait puts a number of seconds into words: "45 seconds", "3 minutes", "11 hours".
func (tx *texts) wait(lang string, n int) string {
	id, count := "duration.seconds", max(n, 1)
	switch {
	case n > 90*60:
		id, count = "duration.hours", (n+3599)/3600
	case n > 90:
		id, count = "duration.minutes", (n+59)/60
	}
	s, _ := tx.get(lang, id, map[string]any{"Count": count})
	return s
}

func seconds(v any) (int, bool) {
	switch n := v.(type) {
	case int:
		return n, n > 0
	case int64:
		return int(n), n > 0
	case time.Duration:
		return int((n + time.Second - 1) / time.Second), n > 0
	}
	return 0, false
}

// Text is a sentence in a language; an unknown language is the default one, an unknown id is itself. Of args, "Count"
// decides the plural form, and "Seconds" (int or time.Duration) is put into words for the text as "Wait".
func (s *Set) Text(lang, id string, args map[string]any) string {
	if text, ok := s.texts.get(lang, id, args); ok {
		return text
	}
	return id
}

// Has tells whether there is a text in every language.
func (s *Set) Has(id string) bool {
	for _, lang := range s.texts.languages {
		if !s.texts.known[lang][id] {
			return false
		}
	}
	return true
}

// The bounds of an emphasised argument while its sentence is still plain text.
const emphasisOn, emphasisOff = "\x02", "\x03"

var noEmphasis = strings.NewReplacer(emphasisOn, "", emphasisOff, "")

// emphasise makes a sentence into markup: all of it is escaped, and every string argument becomes <strong>. So texts
// hold no markup, and an argument cannot bring any.
func (tx *texts) emphasise(lang, id string, args map[string]any) (template.HTML, bool) {
	marked := maps.Clone(args)
	for k, v := range marked {
		if s, ok := v.(string); ok && s != "" {
			marked[k] = emphasisOn + noEmphasis.Replace(s) + emphasisOff
		}
	}
	s, ok := tx.get(lang, id, marked)
	s = template.HTMLEscapeString(s)
	s = strings.ReplaceAll(s, emphasisOn, "<strong>")
	s = strings.ReplaceAll(s, emphasisOff, "</strong>")
	return template.HTML(s), ok
}

// list joins words as a language does, by the word of list.and or list.or: "a, b e c".
func (tx *texts) list(lang, by string, words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	and, _ := tx.get(lang, by, nil)
	head := slices.Clone(words[:len(words)-1])
	return strings.Join(head, ", ") + " " + and + " " + words[len(words)-1]
}
