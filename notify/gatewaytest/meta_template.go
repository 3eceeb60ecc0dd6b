package gatewaytest

import (
	"fmt"
	"strings"
)

type metaTemplate struct {
	Name     string `json:"name"`
	Language struct {
		Code   string `json:"code"`
		Policy string `json:"policy"`
	} `json:"language"`
	Components []metaComponent `json:"components"`
}

type metaComponent struct {
	Type       string          `json:"type"`
	SubType    string          `json:"sub_type"`
	Index      any             `json:"index"`
	Parameters []metaParameter `json:"parameters"`
}

type metaParameter struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// maxCode is the longest one-time code, in characters.
const maxCode = 15

type metaProblem struct {
	code           int
	title, details string
}

// code is the one in a template's components: one in the body, the same in the button.
func code(parts []metaComponent) (string, *metaProblem) {
	count := func(where string, is, want int) *metaProblem {
		return &metaProblem{132000, "Number of parameters does not match the expected number of params",
			fmt.Sprintf("%s: number of localizable_params (%d) does not match the expected number of params (%d)", where, is, want)}
	}
	format := func(details string, args ...any) *metaProblem {
		return &metaProblem{132012, "Parameter format does not match format in the created template", fmt.Sprintf(details, args...)}
	}
	found := map[string]string{}
	for _, p := range parts {
		kind := strings.ToLower(p.Type)
		switch {
		case kind != "body" && kind != "button":
			return "", format("component %q", p.Type)
		case found[kind] != "":
			return "", format("two components %q", p.Type)
		case kind == "button" && !strings.EqualFold(p.SubType, "url"):
			return "", format("button: Button at index 0 must be of type Url, not %q", p.SubType)
		case kind == "button" && p.Index != "0" && p.Index != 0.0:
			return "", format("button: index %v", p.Index)
		case len(p.Parameters) != 1:
			return "", count(kind, len(p.Parameters), 1)
		case p.Parameters[0].Type != "text" || p.Parameters[0].Text == "":
			return "", format("%s: parameter of type %q", kind, p.Parameters[0].Type)
		case len([]rune(p.Parameters[0].Text)) > maxCode:
			return "", &metaProblem{131009, "Parameter value is not valid", fmt.Sprintf("a code of more than %d characters", maxCode)}
		}
		found[kind] = p.Parameters[0].Text
	}
	switch {
	case found["body"] == "":
		return "", count("body", 0, 1)
	case found["button"] == "":
		return "", count("button", 0, 1)
	case found["body"] != found["button"]:
		return "", format("the code in the button is not the one in the body")
	}
	return found["body"], nil
}
