// Package interop holds tests of the server against certified implementations that are not ours and not Go: oidc-provider
// as a social provider, openid-client as a panel, both run by Node in small scripts of this folder.
//
// It owns the scripts and the exact versions (package.json). The packages are installed by .ci/run, which names the folder
// in SOGLIA_NODE_MODULES; by hand, "npm ci --ignore-scripts" in this folder does. Without them the tests are
// skipped, and fail where SOGLIA_TEST_REQUIRE names node.
//
// Easy to get wrong: time. These are real processes on real sockets, so nothing here runs in a bubble and nothing sleeps.
package interop
