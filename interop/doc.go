// Package interop holds tests of the server against relying parties and providers that are not ours: oidc-provider as a social
// provider, and as panels openid-client and Apache's mod_auth_openidc.
//
// It owns their configurations and exact versions: package.json with its lock file for what Node runs. .ci/run installs them and
// names the folder in SOGLIA_NODE_MODULES; by hand, "npm ci --ignore-scripts" in this folder does. What is not installed is
// skipped with a sentence that says so, and fails where SOGLIA_TEST_REQUIRE names it: node, apache.
//
// Two kinds of server are in use. Node's scripts talk to one inside the test (open), over plain HTTP. Programs that want https
// talk to the program itself (install): built, with a file, a certificate, a mail server, and people made by its commands.
//
// Easy to get wrong: time. These are real processes on real sockets, so nothing here runs in a bubble. What happens later is
// asked for again and again (until), a bounded number of times, and no test says how long it took.
package interop
