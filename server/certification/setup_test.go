package certification_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const issuer = "https://sso.example.it"

// setup is the server as the paper makes it, and the suite beside it.
type setup struct {
	dir, address string
	secret       string // of every client
	roots        *x509.CertPool
	line         *http.Transport // to the server and to the suite
	serve        *exec.Cmd
	log          bytes.Buffer
	people       chan string // nobody signs in twice at a time; their password is [password]
}

const password = "quattro gatti al sole"

var (
	once  sync.Once
	world *setup
	fault error
)

// atOnce is how many lines run at a time. Some wait for a clock to move, so there are more of them than processors.
const atOnce = 6

// TestMain stops what the first test started.
func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", strconv.Itoa(atOnce))
	code := m.Run()
	if world != nil && world.serve != nil {
		world.serve.Process.Signal(syscall.SIGKILL)
		world.serve.Wait()
	}
	if world != nil {
		os.RemoveAll(world.dir)
	}
	os.Exit(code)
}

// started is the one server of all tests.
func started(t *testing.T) *setup {
	t.Helper()
	once.Do(func() { world, fault = start() })
	if fault != nil {
		t.Fatalf("%v\n%s", fault, world.log.String())
	}
	return world
}

func start() (*setup, error) {
	s := &setup{people: make(chan string, atOnce)}
	var err error
	if s.dir, err = os.MkdirTemp("", "certification"); err != nil {
		return s, err
	}
	if err := s.certificates(); err != nil {
		return s, err
	}
	if s.address, err = free(); err != nil {
		return s, err
	}
	if err := s.run("../..", "go build -o "+s.dir+"/soglia ./cmd/soglia && cp -r examples "+s.dir); err != nil {
		return s, err
	}
	made, serves, err := commands()
	if err != nil {
		return s, err
	}
	add := made[len(made)-1]
	if err := s.run(s.dir, strings.Join(made[:len(made)-1], "\n")); err != nil {
		return s, err
	}
	if err := s.adapt(); err != nil {
		return s, err
	}
	people := []string{"soglia check", add, strings.NewReplacer(" ada ", " bea ", "ada@", "bea@", " --claims examples/certification.json", "").Replace(add)}
	s.people <- "ada"
	for i := 2; i <= atOnce; i++ {
		name := fmt.Sprint("ada", i)
		people = append(people, strings.NewReplacer(" ada ", " "+name+" ", "ada@", name+"@").Replace(add))
		s.people <- name
	}
	if err := s.run(s.dir, strings.Join(people, "\n")); err != nil {
		return s, err
	}
	secret, err := os.ReadFile(filepath.Join(s.dir, "certification.secret"))
	if err != nil {
		return s, err
	}
	s.secret = strings.TrimSpace(string(secret))
	s.serve = exec.Command("sh", "-c", "exec "+serves)
	s.serve.Dir, s.serve.Env, s.serve.Stderr = s.dir, s.env(), &s.log
	if err := s.serve.Start(); err != nil {
		return s, err
	}
	return s, s.await()
}

// adapt writes the address of this suite into the configuration, what the server's own listener needs, and the lightest hash
// that it takes, because people sign in here more than a hundred times.
func (s *setup) adapt() error {
	file := filepath.Join(s.dir, "soglia.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	yaml := strings.ReplaceAll(string(text), "https://www.certification.openid.net", theSuite.url())
	yaml += "listen: \"" + s.address + "\"\ntls: {cert: fullchain.pem, key: privkey.pem}\nbackchannel: {allow: [127.0.0.1/32]}\npassword: {memory: 7168, iterations: 1}\n"
	return os.WriteFile(file, []byte(yaml), 0o600)
}

// commands are those of the paper, to the letter: what makes the server, and the one that serves.
func commands() (made []string, serves string, err error) {
	text, err := os.ReadFile("../../docs/certification.md")
	if err != nil {
		return nil, "", err
	}
	m := regexp.MustCompile("(?s)\n## The server\n.*?```\n(.*?)\n```").FindSubmatch(text)
	if m == nil {
		return nil, "", errors.New("docs/certification.md has no block of commands")
	}
	for line := range strings.SplitSeq(string(m[1]), "\n") {
		line, _, _ = strings.Cut(line, "  #")
		made = append(made, line)
	}
	last := len(made) - 1
	if made[last] != "soglia serve" || !strings.Contains(made[last-1], "soglia user add ada ") {
		return nil, "", fmt.Errorf("the block ends with %q", made[last-1:])
	}
	return made[:last], made[last], nil
}

func (s *setup) env() []string {
	return append(os.Environ(), "PATH="+s.dir+":"+os.Getenv("PATH"), "SSL_CERT_FILE="+s.dir+"/ca.pem", "SMTP_URL=smtp://127.0.0.1:25")
}

func (s *setup) run(dir, text string) error {
	c := exec.Command("sh", "-ec", text)
	c.Dir = dir
	if dir == s.dir {
		c.Env = s.env()
	}
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", text, err, out)
	}
	return nil
}

// free is a port that nobody uses.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// certificates makes a CA, and by it a certificate for the server and one for the suite.
func (s *setup) certificates() error {
	now := time.Now()
	sign := func(of, by *x509.Certificate, key, with *ecdsa.PrivateKey) ([]byte, error) {
		of.SerialNumber, of.NotBefore, of.NotAfter = big.NewInt(now.UnixNano()), now.Add(-time.Hour), now.Add(90*24*time.Hour)
		return x509.CreateCertificate(rand.Reader, of, by, &key.PublicKey, with)
	}
	var keys [3]*ecdsa.PrivateKey
	for i := range keys {
		var err error
		if keys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return err
		}
	}
	ca := &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	root, err1 := sign(ca, ca, keys[0], keys[0])
	server, err2 := sign(&x509.Certificate{DNSNames: []string{"sso.example.it"}}, ca, keys[1], keys[0])
	suite, err3 := sign(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, ca, keys[2], keys[0])
	private, err4 := x509.MarshalPKCS8PrivateKey(keys[1])
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	pems := func(kind string, der ...[]byte) (out []byte) {
		for _, each := range der {
			out = append(out, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: each})...)
		}
		return out
	}
	for name, data := range map[string][]byte{
		"ca.pem": pems("CERTIFICATE", root), "fullchain.pem": pems("CERTIFICATE", server, root), "privkey.pem": pems("PRIVATE KEY", private),
	} {
		if err := os.WriteFile(filepath.Join(s.dir, name), data, 0o600); err != nil {
			return err
		}
	}
	s.roots = x509.NewCertPool()
	s.roots.AppendCertsFromPEM(pems("CERTIFICATE", root))
	s.line = &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: s.roots},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == "sso.example.it:443" {
				address = s.address
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
	return theSuite.listen(tls.Certificate{Certificate: [][]byte{suite, root}, PrivateKey: keys[2]})
}

// await asks until the server answers.
func (s *setup) await() error {
	var last error
	for range 400 {
		resp, err := (&http.Client{Transport: s.line}).Get(issuer + "/.well-known/openid-configuration")
		if err == nil {
			resp.Body.Close()
			return nil
		}
		last = err
		time.Sleep(25 * time.Millisecond)
	}
	return fmt.Errorf("the server does not answer: %w", last)
}
