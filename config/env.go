package config

import (
	"bufio"
	"bytes"
	"os"
	"strings"
)

// envFile stands beside the configuration and holds what its ${env:…} name: the same file that the systemd unit of
// "soglia init" reads (EnvironmentFile=), so that an operator's command sees what the service sees.
const envFile = "soglia.env"

const exported = "export "

// variable looks a variable up in the environment, then in envFile beside the main file.
func (l *loader) variable(name string) (string, bool) {
	if value, ok := l.options.env(name); ok {
		return value, true
	}
	if l.fileEnv == nil {
		l.fileEnv = map[string]string{}
		data, err := l.files.read(l.files.join(l.dir, envFile))
		if err != nil && !os.IsNotExist(err) {
			return "", false
		}
		l.fileEnv = envLines(data)
	}
	value, ok := l.fileEnv[name]
	return value, ok
}

// envLines reads NAME=value, one a line; the value may stand in quotes, and lines that begin with # or ; are comments
// (systemd.exec(5), EnvironmentFile=). What is no such line is no variable. A line copied from a shell keeps its "export "
// in the name: systemd does not read it, so no ${env:…} finds it either, but the mistake can say so.
func envLines(data []byte) map[string]string {
	found := map[string]string{}
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		name, value, ok := strings.Cut(line, "=")
		if name = strings.TrimSpace(name); !ok || !envName.MatchString(strings.TrimPrefix(name, exported)) {
			continue
		}
		value = strings.TrimSpace(value)
		for _, quote := range []string{`"`, `'`} {
			if len(value) >= 2 && strings.HasPrefix(value, quote) && strings.HasSuffix(value, quote) {
				value = value[1 : len(value)-1]
				break
			}
		}
		found[name] = value
	}
	return found
}
