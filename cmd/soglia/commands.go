package main

// commands is the table of commands: a file beside this one and a line here make one. command is a pointer to a struct
// whose fields are flags and arguments (kong's tags) and which has a method Run.
var commands = []struct {
	name, help string
	command    any
}{
	{"serve", "Serve sign-ins until told to stop.", &serve{}},
	{"dev", "Show the whole product on this machine: panel, sign-in, social provider, outbox.", &dev{}},
	{"init", "Write a first configuration with secrets of its own.", &initialise{}},
	{"user", "People.", &people{}},
	{"check", "Read the configuration and list every mistake.", &check{}},
	{"schema", "Print the JSON Schema of soglia.yaml, for editors.", &schema{}},
	{"client", "Relying parties.", &client{}},
	{"provider", "Social providers.", &provider{}},
	{"message", "Messages to people.", &message{}},
	{"keys", "Signing keys.", &keys{}},
	{"migrate", "The database's tables.", &migrate{}},
	{"reload", "Let the running server read its configuration again.", &reload{}},
	{"healthcheck", "Ask the running server whether it is ready.", &healthcheck{}},
	{"explain", "Say what a person would be asked at a panel now, rule by rule, and why.", &explain{}},
	{"audit", "What happened.", &trail{}},
	{"version", "Print the version.", &version{}},
}
