package config

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// scalar decodes a single value, following references.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value, f field, path string) {
	name := lastKey(path)
	if n.Kind != yaml.ScalarNode {
		if v.Type() == secretType {
			d.source.maskAll(n)
		}
		d.errorf(n, path, "", "%s must be a single value: %s", subject(path), kindWord(v.Type()))
		return
	}
	text := n.Value
	r, isReference, problem := reference(text)
	if problem != "" {
		d.errorf(n, path, "", "%s: %s", name, problem)
		return
	}
	if v.Type() == secretType { // read later, because soglia dev replaces secrets first
		if !isReference && (!f.urlSecret || urlPassword(text)) {
			d.source.mask(n)
		}
	} else if isReference {
		if text, problem = d.resolve(r, d.source.dir); problem != "" {
			d.errorf(n, path, "", "%s: %s", name, problem)
			return
		}
		d.mistakes.hide(text, n.Value)
	}
	if problem := wrongType(n, v.Type(), isReference); problem != "" {
		d.errorf(n, path, "", "%s %s", name, problem)
		return
	}
	if problem := setScalar(v, text); problem != "" {
		d.errorf(n, path, "", "%s %s", name, problem)
		return
	}
	if v.Kind() == reflect.String && len(f.choices) > 0 && !slices.Contains(f.choices, text) {
		d.errorf(n, path, didYouMean(text, f.choices), "%s cannot be %q", name, text)
		return
	}
	if problem := outside(v, f); problem != "" {
		d.errorf(n, path, "", "%s: %s", name, problem)
	}
}

// wrongType compares what YAML takes the value for with what is needed.
func wrongType(n *yaml.Node, t reflect.Type, isReference bool) string {
	quoted := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0
	switch {
	case isReference:
		return ""
	case n.Style&yaml.TaggedStyle != 0:
		return "cannot have a tag"
	case t.Kind() == reflect.String && n.Tag != "!!str" && n.Tag != "!!timestamp":
		return "must be text: put it in quotes"
	case t.Kind() == reflect.String && strings.TrimSpace(n.Value) == "":
		return "is empty"
	case t.Kind() == reflect.Int && quoted, t.Kind() == reflect.Bool && quoted:
		return "must be a " + kindWord(t) + ", without quotes"
	case isDuration(t) && n.Tag == "!!int":
		return "has no unit: " + errDuration.Error()
	}
	return ""
}
