package config

import (
	"fmt"
	"io"
	"log/slog"
)

// Snapshots travel through logs and error messages of the whole program, so what holds a secret prints only its name.

// Format prints the issuer alone, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) { io.WriteString(f, "configuration of "+c.Issuer) }

// LogValue is Format for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue("configuration of " + c.Issuer) }

// Format prints the kind of storage alone: the URL may hold a password.
func (s Storage) Format(f fmt.State, _ rune) { io.WriteString(f, "storage") }

// LogValue is Format for slog.
func (s Storage) LogValue() slog.Value { return slog.StringValue("storage") }

// Format prints sender and driver alone: the URL may hold a password.
func (e Email) Format(f fmt.State, _ rune) { io.WriteString(f, e.Driver+" "+e.From) }

// LogValue is Format for slog.
func (e Email) LogValue() slog.Value { return slog.StringValue(e.Driver + " " + e.From) }

// Format prints the name alone.
func (p Provider) Format(f fmt.State, _ rune) { io.WriteString(f, "provider "+p.Name) }

// LogValue is Format for slog.
func (p Provider) LogValue() slog.Value { return slog.StringValue("provider " + p.Name) }

// Format prints the id alone: a hash is no secret, but nobody needs it in a log.
func (c Client) Format(f fmt.State, _ rune) { io.WriteString(f, "client "+c.ID) }

// LogValue is Format for slog.
func (c Client) LogValue() slog.Value { return slog.StringValue("client " + c.ID) }
