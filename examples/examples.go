// Package examples holds the configurations that are shipped, as files to read and as bytes to start from.
//
// It owns the files only; config reads them, demo overlays hosting.yaml.
package examples

import "embed"

// Hosting is hosting.yaml: a whole hosting provider, also parts that come later.
//
//go:embed hosting.yaml
var Hosting []byte

// Files are all examples, under the paths by which hosting.yaml refers to them.
//
//go:embed hosting.yaml minimal.yaml certification.yaml brand clients.d
var Files embed.FS
