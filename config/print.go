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

// Format prints the driver alone: its settings hold secrets.
func (g Gateway) Format(f fmt.State, _ rune) { io.WriteString(f, "gateway "+g.Driver) }

// LogValue is Format for slog.
func (g Gateway) LogValue() slog.Value { return slog.StringValue("gateway " + g.Driver) }

// Format prints the name alone.
func (p Provider) Format(f fmt.State, _ rune) { io.WriteString(f, "provider "+p.Name) }

// LogValue is Format for slog.
func (p Provider) LogValue() slog.Value { return slog.StringValue("provider " + p.Name) }

// Format prints the id alone: nobody needs the hash of a secret in a log.
func (c Client) Format(f fmt.State, _ rune) { io.WriteString(f, "client "+c.ID) }

// LogValue is Format for slog.
func (c Client) LogValue() slog.Value { return slog.StringValue("client " + c.ID) }
