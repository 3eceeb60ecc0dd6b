package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// setScalar puts text into v and returns what is wrong with it, or "".
func setScalar(v reflect.Value, text string) (problem string) {
	switch {
	case isDuration(v.Type()):
		if word := zeroWord(v.Type()); word != "" && text == word {
			v.SetInt(0)
			return ""
		}
		d, err := parseDuration(text)
		if err != nil {
			problem = err.Error()
			if word := zeroWord(v.Type()); word != "" {
				problem += ", or " + word
			}
			return problem
		}
		v.SetInt(int64(d))
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Int:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return "must be a whole number"
		}
		v.SetInt(n)
	case v.Kind() == reflect.Bool:
		switch strings.ToLower(text) {
		case "true", "yes", "on":
			v.SetBool(true)
		case "false", "no", "off":
			v.SetBool(false)
		default:
			return "must be true or false"
		}
	}
	return ""
}

// outside returns how v violates the bounds of f, or "".
func outside(v reflect.Value, f field) string {
	if f.least == "" && f.most == "" || v.Kind() != reflect.Int && v.Kind() != reflect.Int64 {
		return ""
	}
	if zeroWord(v.Type()) != "" && v.IsZero() {
		return ""
	}
	bound := func(text string) int64 {
		b := reflect.New(v.Type()).Elem()
		setScalar(b, text)
		return b.Int()
	}
	show := func() string {
		if isDuration(v.Type()) {
			return formatDuration(time.Duration(v.Int()))
		}
		return strconv.FormatInt(v.Int(), 10)
	}
	switch {
	case f.least != "" && v.Int() < bound(f.least):
		return fmt.Sprintf("%s is too small: at least %s", show(), f.least)
	case f.most != "" && v.Int() > bound(f.most):
		return fmt.Sprintf("%s is too large: at most %s", show(), f.most)
	}
	return ""
}

// kindWord names what a value of type t is, for people.
func kindWord(t reflect.Type) string {
	own, ok := shapes[t]
	switch {
	case ok:
		return own.word
	case t == secretType:
		return "secret"
	case zeroWord(t) != "":
		return "duration or " + zeroWord(t)
	case t == durationType:
		return "duration"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindWord(t.Elem())
	case reflect.Slice:
		return "list of " + plural(t.Elem())
	case reflect.Map:
		return "map of " + plural(t.Elem())
	case reflect.Struct:
		return "section"
	case reflect.Int:
		return "number"
	case reflect.Bool:
		return "true or false"
	}
	return "text"
}

func plural(t reflect.Type) string {
	if t.Kind() == reflect.String {
		return "texts"
	}
	return kindWord(t) + "s"
}

func contains(list []string, s string) bool { return len(list) == 0 || slices.Contains(list, s) }
