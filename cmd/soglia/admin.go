package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/server"
)

// listenAdmin opens the admin listener: a socket for its owner alone, or a loopback address.
func listenAdmin(ctx context.Context, at string) (net.Listener, error) {
	path, isSocket := strings.CutPrefix(at, "unix:")
	if !isSocket {
		return new(net.ListenConfig).Listen(ctx, "tcp", at)
	}
	// A socket that a killed server left behind refuses connections; one that answers is another server's.
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		c.Close()
		return nil, fmt.Errorf("%s answers: another server is running", path)
	}
	if at, err := os.Lstat(path); err == nil && at.Mode()&fs.ModeSocket != 0 {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// askTime bounds a question to a running server. A reload makes a whole server anew.
const askTime = 20 * time.Second

// askAdmin asks the running server and says who asks; at is the key "admin" of its configuration.
func askAdmin(ctx context.Context, at, method, path string) (status int, body []byte, err error) {
	if at == "" {
		return 0, nil, errors.New(`the configuration has no "admin" listener to ask`)
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	network, address := "tcp", at
	if socket, ok := strings.CutPrefix(at, "unix:"); ok {
		network, address = "unix", socket
	}
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}}
	req, err := http.NewRequestWithContext(ctx, method, "http://admin"+path, nil)
	if err != nil {
		return 0, nil, err
	}
	who, err := json.Marshal(whoRuns())
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set(server.OperatorHeader, string(who))
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("no server answers at %s", at)
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, body, err
}
