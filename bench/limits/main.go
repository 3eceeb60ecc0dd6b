// Command limits measures what the machine allows: bare handlers with one
// signature each, one-statement PostgreSQL and SQLite commits, password hashes.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "limits:", err)
		os.Exit(1)
	}
	return v
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "limits serve|pg|sqlite|kdf|sign")
		os.Exit(2)
	}
	fs := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	addr := fs.String("addr", "127.0.0.1:7001", "listen address")
	dsn := fs.String("pg", "", "PostgreSQL DSN")
	pool := fs.Int("pool", 16, "pool size")
	dur := fs.Duration("t", 3*time.Second, "time per cell")
	dir := fs.String("dir", os.TempDir(), "directory for SQLite files")
	fs.StringVar(&only, "only", "", "the one measurement wanted")
	fs.Parse(os.Args[2:])
	switch os.Args[1] {
	case "serve":
		serve(*addr, *dsn, *pool)
	case "pg":
		pgBench(*dsn, *pool, *dur)
	case "sqlite":
		sqliteBench(*dir, *dur)
	case "kdf":
		kdf(*dur)
	case "sign":
		sign(*dur)
	}
}
