package stepup

import "strings"

// oneChallenge is a scheme with its parameters, their names in lower case (RFC 9110 §11.6.1).
type oneChallenge struct {
	scheme string
	params map[string]string
	sealed bool // it had a token68 in place of parameters
}

// challenges reads a value of WWW-Authenticate. Its commas separate challenges and parameters alike: a token with "=" behind it
// is a parameter, one with anything else begins the next challenge.
func challenges(value string) ([]*oneChallenge, error) {
	p := &scanner{rest: value}
	var out []*oneChallenge
	for {
		p.commas()
		if p.rest == "" {
			return out, nil
		}
		name := p.token()
		if name == "" {
			return nil, errMalformed
		}
		if p.equals() { // a further parameter of the challenge before
			if len(out) == 0 || out[len(out)-1].sealed {
				return nil, errMalformed
			}
			if err := p.value(out[len(out)-1], name); err != nil {
				return nil, err
			}
			continue
		}
		c := &oneChallenge{scheme: name, params: map[string]string{}}
		out = append(out, c)
		spaces := p.spaces()
		switch {
		case p.rest == "" || p.rest[0] == ',':
		case !spaces:
			return nil, errMalformed
		case p.token68():
			c.sealed = true
		default:
			if name = p.token(); name == "" || !p.equals() {
				return nil, errMalformed
			}
			if err := p.value(c, name); err != nil {
				return nil, err
			}
		}
	}
}

// scanner eats a header from its left.
type scanner struct{ rest string }

func (p *scanner) spaces() bool {
	before := len(p.rest)
	p.rest = strings.TrimLeft(p.rest, " \t")
	return len(p.rest) < before
}

func (p *scanner) commas() { p.rest = strings.TrimLeft(p.rest, " \t,") }

func (p *scanner) token() string {
	n := 0
	for n < len(p.rest) && tchar(p.rest[n]) {
		n++
	}
	out := p.rest[:n]
	p.rest = p.rest[n:]
	return out
}

// equals eats a "=" with the space around it that RFC 9110 §11.2 wants to be borne with.
func (p *scanner) equals() bool {
	trimmed := strings.TrimLeft(p.rest, " \t")
	if !strings.HasPrefix(trimmed, "=") {
		return false
	}
	p.rest = strings.TrimLeft(trimmed[1:], " \t")
	return true
}

// value eats a token or a quoted string, and what separates it from the next.
func (p *scanner) value(c *oneChallenge, name string) error {
	name = strings.ToLower(name)
	if _, twice := c.params[name]; twice { // RFC 9110 §11.2: once
		return errMalformed
	}
	var text string
	if strings.HasPrefix(p.rest, `"`) {
		var ok bool
		if text, ok = p.quoted(); !ok {
			return errMalformed
		}
	} else if text = p.token(); text == "" {
		return errMalformed
	}
	c.params[name] = text
	if p.spaces(); p.rest != "" && p.rest[0] != ',' {
		return errMalformed
	}
	return nil
}

func (p *scanner) quoted() (string, bool) {
	var out strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '"':
			p.rest = p.rest[i+1:]
			return out.String(), true
		case c == '\\':
			if i++; i == len(p.rest) {
				return "", false
			}
			out.WriteByte(p.rest[i])
		case c < ' ' && c != '\t' || c == 0x7f:
			return "", false
		default:
			out.WriteByte(c)
		}
	}
	return "", false
}

// token68 eats what schemes such as Negotiate have in place of parameters.
func (p *scanner) token68() bool {
	end := strings.IndexByte(p.rest, ',')
	if end < 0 {
		end = len(p.rest)
	}
	if !b64token(strings.TrimRight(p.rest[:end], " \t")) {
		return false
	}
	p.rest = p.rest[end:]
	return true
}

func tchar(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}
