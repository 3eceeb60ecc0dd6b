package templates

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Q01: every form says whom its page showed, but those that name the account themselves or are about nobody.
func TestQ01EveryFormCarriesTheTag(t *testing.T) {
	nobodys := regexp.MustCompile(`action="\{\{(\.Request\}\}/(password|forgot)|\$\.Request\}\}/social/\{\{\.Name\}\}|\$p\.Action\}\})"`)
	forms := regexp.MustCompile(`<form [^\n]*?method="post"[^\n]*`)
	files, err := filepath.Glob("html/*.html")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range forms.FindAllString(string(text), -1) {
			if !strings.Contains(form, `{{template "shown" $}}`) && !nobodys.MatchString(form) {
				t.Errorf("%s: %s", file, form)
			}
		}
	}
}
