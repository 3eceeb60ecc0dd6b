package op

import (
	"testing"

	"github.com/soglia-sso/soglia/panels"
)

// What is printed for programs that know no discovery are the endpoints there are.
func TestSnippetsNameTheEndpointsOfDiscovery(t *testing.T) {
	v := panels.Values{Issuer: "https://sso.example.it"}
	for path, got := range map[string]string{
		pathDiscovery: v.Discovery(), pathAuthorize: v.Authorize(), pathToken: v.Token(), pathUserinfo: v.Userinfo(),
		pathJWKS: v.JWKS(), pathIntrospect: v.Introspect(), pathLogout: v.EndSession(),
	} {
		if got != v.Issuer+path {
			t.Errorf("%s, want %s", got, path)
		}
	}
}
