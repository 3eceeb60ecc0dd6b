// Package certification is a list of our own of what the OpenID Foundation's plans ask (Basic, Form Post, RP-Initiated,
// Back-Channel and Front-Channel Logout), one test for each line, against the program itself: built, set up by the commands
// of docs/certification.md with examples/certification.yaml, and served by its own TLS listener.
//
// It owns the lines, the browser and the panel that try them. It is not the Foundation's suite and does not stand for it: it
// finds what a change broke before that one is run. What no plan asks (essential acr, step-up) is proved elsewhere.
//
// Easy to get wrong: borrowing. Everything here comes over HTTPS, by forms and by names of the specifications; tokens are
// read by go-jose. A test that imported the server's own packages would agree with its mistakes.
package certification
