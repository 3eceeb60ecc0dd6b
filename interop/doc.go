// Package interop holds tests of the server against relying parties and providers that are not ours: oidc-provider as a social
// provider, and as panels Apache's mod_auth_openidc, oauth2-proxy, Roundcube with Dovecot, Spring Security, and one small panel each
// on openid-client, oauth4webapi, Authlib and go-oidc. The programs start with the very text that "soglia client snippet" prints
// (snippet_test.go says what is changed in it).
//
// It owns the panels and exact versions: package.json with its lock file for what Node runs, requirements.txt for Python. .ci/run
// installs both and names them in SOGLIA_NODE_MODULES (a folder) and SOGLIA_PYTHON (a program); by hand, in this folder,
// "npm ci --ignore-scripts" does, and "pip install --require-hashes -r requirements.txt" in a venv of its own, which
// "pip-compile --generate-hashes --strip-extras --no-emit-index-url requirements.in" makes anew. What is not installed is
// skipped with a sentence that says so, and fails where SOGLIA_TEST_REQUIRE names it: node, python, php, apache, oauth2-proxy,
// roundcube, spring. The last three are installed and run by .ci/relying-parties ("make relying-parties") alone, which prints a line
// for each.
//
// The programs that stand in docs run here, too, word for word: docs/stepup, docs/apis.md, and the verifiers of docs/events.md.
//
// Panels talk to the program itself (install): built, with a file, a certificate, a mail server, and people made by its commands.
// The social provider's tests have a server inside the test (open), over plain HTTP, which asks it as soglia dev would.
//
// Easy to get wrong: time. These are real processes on real sockets, so nothing here runs in a bubble. What happens later is
// asked for again and again (until), a bounded number of times, and no test says how long it took.
package interop
