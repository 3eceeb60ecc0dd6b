package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/panels"
)

// presets puts the settings of programs under what their clients say. It comes before the defaults, which are weaker.
func (b *builder) presets() {
	for i := range b.file.Clients {
		b.preset(fmt.Sprintf("clients[%d]", i), &b.file.Clients[i])
	}
}

func (b *builder) preset(path string, f *FileClient) {
	b.baseURL(path, f)
	if b.places.isBad(path + ".preset") { // it might have filled these
		b.places.bad[path+".redirect_uris"], b.places.bad[path+".secret"] = true, true
		return
	}
	program := panels.Lookup(f.Preset)
	if program == nil {
		return
	}
	settings := presetClient(program, f.BaseURL)
	written := func(keys ...string) bool {
		return slices.ContainsFunc(keys, func(key string) bool { _, is := b.places.keys[path+"."+key]; return is })
	}
	if f.BaseURL == "" && !written("base_url", "redirect_uris") && strings.Contains(program.Client, "redirect_uris") {
		b.missing(path, "client %q needs a base_url: the address of %s", f.ID, program.Title)
		b.places.bad[path+".redirect_uris"] = true
	}
	if f.BaseURL != "" && !strings.Contains(program.Client, "{base}") {
		b.errorf(path+".base_url", "write its redirect_uris, if it has any", "client %q: preset %s knows no addresses below a base_url", f.ID, f.Preset)
		b.places.bad[path+".redirect_uris"] = true
	}
	if written("public", "auth_method", "jwks", "jwks_uri") { // how it proves itself is one matter: all of it is written, or none
		settings.Public, settings.AuthMethod = false, nil
		if f.Public {
			settings.PKCE = ""
		}
	}
	if uri := settings.BackchannelLogoutURI; uri != "" && !written("backchannel_logout_uri") {
		if problem := b.wrongPeer(uri, outbound.Inside{Networks: b.networks("backchannel.allow", b.file.Backchannel.Allow)}); problem != "" {
			b.mistakes.warn(b.places.of(path+".base_url"), "a panel in a private network needs backchannel: {allow: [its network]}",
				"client %q will not be told when a stay ends: %s %s", f.ID, uri, problem)
			settings.BackchannelLogoutURI = ""
		}
	}
	to, from := reflect.ValueOf(f).Elem(), reflect.ValueOf(settings)
	for _, field := range fieldsOf(to.Type()) {
		if value := to.Field(field.index); value.IsZero() && !written(field.key) {
			value.Set(from.Field(field.index))
		}
	}
}

// baseURL checks the address of a program and takes the slash at its end away. An address that is wrong is as good as none.
func (b *builder) baseURL(path string, f *FileClient) {
	at := path + ".base_url"
	if f.BaseURL == "" {
		return
	}
	problem := wrongRedirect(f.BaseURL, false, false)
	if problem == "" && strings.Contains(f.BaseURL, "?") {
		problem = "has a query"
	}
	switch {
	case problem != "":
		b.errorf(at, "", "client %q: base_url %q %s", f.ID, f.BaseURL, problem)
		b.places.bad[at], b.places.bad[path+".redirect_uris"] = true, true
		f.BaseURL = ""
	case f.Preset == "" && !b.places.isBad(path+".preset"):
		b.errorf(at, "write its redirect_uris, or add the preset of the program", "client %q has a base_url and no preset, so nothing reads it", f.ID)
		b.places.bad[path+".redirect_uris"] = true
	}
	f.BaseURL = strings.TrimRight(f.BaseURL, "/")
}

// presetClient is what a program needs of its client. Addresses below base are left out where there is none.
func presetClient(p *panels.Program, base string) FileClient {
	var list struct {
		Clients []FileClient `yaml:"clients"`
	}
	l := &loader{options: Options{Files: nothing{}}, files: files{nothing{}}, mistakes: &mistakes{hidden: map[string]string{}}}
	text := "clients:\n  - id: x\n    " + strings.ReplaceAll(strings.TrimSpace(p.ClientAt(base)), "\n", "\n    ") + "\n"
	s := readSource(p.Name, ".", []byte(text), l.mistakes)
	d := &decoder{loader: l, source: s, places: newPlaces(place{s, 1, 1})}
	if s.root != nil {
		d.section(s.root, reflect.ValueOf(&list).Elem(), "")
	}
	if err := l.mistakes.err(); err != nil || len(list.Clients) != 1 {
		panic(fmt.Sprintf("config: preset %s: %v", p.Name, err)) // of our own files; a test reads them all
	}
	f := list.Clients[0]
	f.ID = ""
	v := reflect.ValueOf(&f).Elem()
	for _, field := range fieldsOf(v.Type()) {
		if value := v.Field(field.index); strings.Contains(fmt.Sprint(value.Interface()), "{base}") || strings.Contains(fmt.Sprint(value.Interface()), "{origin}") {
			value.SetZero()
		}
	}
	return f
}
