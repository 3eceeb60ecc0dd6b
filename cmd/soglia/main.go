// Command soglia is the sign-in server: an OpenID Connect provider that proves how a person signed in.
//
// It owns flags, files, signals and exit codes, one file per command. It leaves everything else to the packages below.
//
// Easy to get wrong: exit codes. 0 is done, 1 is "the thing you asked about is wrong", 2 is "could not be done": scripts
// and systemd depend on the difference.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from the first signal on, a second one kills
	code := run(ctx, os.Args[1:], &streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exit1 is an error that ends with exit code 1: what was looked at is not right.
type exit1 struct{ error }

func (e exit1) Unwrap() error { return e.error }

// run parses the arguments, runs the command and returns the exit code. A command's Run method may take a
// context.Context, which ends with the first SIGINT or SIGTERM, and *streams.
func run(ctx context.Context, args []string, s *streams) (code int) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case exited:
			code = int(v)
		default:
			panic(v) // a fault of ours: loud, with its stack
		}
	}()
	options := []kong.Option{
		kong.Name("soglia"),
		kong.Description("Sign-in for all your panels, with a second factor where it matters."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { panic(exited(code)) }), // --help, --version
		kong.Vars{"version": built()},
		kong.Bind(s),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	}
	for _, c := range commands {
		options = append(options, kong.DynamicCommand(c.name, c.help, "", c.command))
	}
	parser := kong.Must(&struct {
		Version kong.VersionFlag `help:"Print the version."`
	}{}, options...)
	if len(args) == 0 {
		args = []string{"--help"}
	} else if args[0] == "help" {
		args = append(args[1:], "--help")
	}
	parsed, err := parser.Parse(args)
	if err == nil {
		err = parsed.Run()
	} else if strings.HasPrefix(err.Error(), "unexpected argument ") && strings.HasSuffix(err.Error(), ".yaml") {
		err = fmt.Errorf("%w: name a configuration with --file", err)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(s.err, err)
	if errors.As(err, new(exit1)) {
		return 1
	}
	return 2
}

type exited int
