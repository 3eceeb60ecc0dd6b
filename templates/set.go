package templates

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"reflect"
	texttemplate "text/template"
)

//go:embed html/*.html mail/* static/* text/*.json
var files embed.FS

// Set is everything needed to show pages under one brand. It is immutable and safe for concurrent use.
type Set struct {
	brand  Brand
	texts  *texts
	pages  *template.Template
	mails  map[string]*template.Template // HTML parts, by name
	plain  map[string]*texttemplate.Template
	assets map[string]Asset
	css    string // path of the style sheet
	js     string
	icon   string
	logo   string // "" = the drawn mark
	colour scheme
}

// New parses texts, templates and static files. An error means a brand that cannot be shown, never a request's fault.
func New(b Brand) (*Set, error) {
	tx, err := loadTexts()
	if err != nil {
		return nil, err
	}
	if err := b.complete(tx.languages); err != nil {
		return nil, err
	}
	tx.fallback, tx.has = b.DefaultLang, b.Has
	s := &Set{brand: b, texts: tx}
	s.makeAssets()
	if err := s.parsePages(); err != nil {
		return nil, err
	}
	if err := s.parseMails(); err != nil {
		return nil, err
	}
	return s, nil
}

// Brand is the one that pages are shown under, whole: what was left out when the set was made is filled in.
func (s *Set) Brand() Brand { return s.brand }

// parsePages reads all pages into one set: each file defines its page, between the "top" and the "bottom" of all. A set of
// its own for every page would hold thirty copies of what they share.
func (s *Set) parsePages() (err error) {
	s.pages, err = template.New("").Option("missingkey=error").ParseFS(files, "html/*.html")
	if err != nil {
		return fmt.Errorf("templates: %w", err)
	}
	return nil
}

// Render writes a page, given by value or by pointer. It is executed into memory first, so an error leaves w untouched
// and the caller can still answer with something else.
func (s *Set) Render(w io.Writer, page any) error {
	var buf bytes.Buffer
	if err := s.render(&buf, page); err != nil {
		return err
	}
	_, err := w.Write(buf.Bytes())
	return err
}

func (s *Set) render(buf *bytes.Buffer, page any) error {
	v, err := s.look(page)
	if err != nil {
		return err
	}
	if err := s.pages.ExecuteTemplate(buf, "page:"+v.kind.file, v); err != nil {
		return fmt.Errorf("templates: %s: %w", v.kind.file, err)
	}
	return nil
}

// pageOf copies a page into a pointer to it, so that a caller's value is never changed by its rendering.
func pageOf(given any) (page, error) {
	v := reflect.ValueOf(given)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("templates: %T is no page", given)
	}
	ptr := reflect.New(v.Type())
	ptr.Elem().Set(v)
	p, ok := ptr.Interface().(page)
	if !ok {
		return nil, fmt.Errorf("templates: %T is no page", given)
	}
	return p, nil
}
