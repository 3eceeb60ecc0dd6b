package main

import (
	"encoding/json"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// printJSON is what --json prints.
func printJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

// printList prints what there is: as JSON, or as a table whose first row is the head.
func printList(w io.Writer, asJSON bool, all any, rows [][]string) error {
	if asJSON {
		return printJSON(w, all)
	}
	return table(w, rows)
}

// table prints rows under one another; the first is the head.
func table(w io.Writer, rows [][]string) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if _, err := io.WriteString(out, strings.Join(row, "\t")+"\n"); err != nil {
			return err
		}
	}
	return out.Flush()
}

// when is a time for people: UTC, to the second; "-" for none.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// stamp is a time in JSON; nil for none.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}
