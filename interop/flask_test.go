package interop

import (
	"os"
	"os/exec"
)

// startFlask runs the panel on Flask and Authlib.
func startFlask(p *program) {
	p.t.Helper()
	python := python(p.t)
	if exec.Command(python, "-c", "import authlib, flask, requests, joserfc").Run() != nil {
		missing(p.t, "python", "Authlib is not installed for this Python: see the package comment")
	}
	cmd := exec.Command(python, "flask_panel.py")
	cmd.Env = append(os.Environ(), "REQUESTS_CA_BUNDLE="+p.file("ca.pem"))
	run(p.t, cmd, p.settings())
}
