package config

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// FileChannels is the key section "channels".
type FileChannels struct {
	// Mail.
	Email *FileGateway `yaml:"email"`
	// Text messages: gateways, tried by the prefix of the number.
	SMS []FileGateway `yaml:"sms"`
	// WhatsApp.
	WhatsApp *FileGateway `yaml:"whatsapp"`
	// Events told to a program of your own.
	Webhook *FileWebhook `yaml:"webhook"`
}

// FileGateway is a section of "channels": what all gateways have, and beside it the keys of its driver.
type FileGateway struct {
	// Kind of gateway.
	Driver string `yaml:"driver"`
	// What it is called in records, logs and its address for receipts: small letters, digits, - and _. Its driver, unless said otherwise; no two may have the same.
	Name string `yaml:"name"`
	// Prefixes of the numbers it serves, as "+39"; "*" is every other one, and what it serves where nothing is said. The longest prefix wins; of gateways with the same one the first takes the message, and the next takes over when that one does not.
	For []string `yaml:"for"`

	// Settings are the driver's own keys. nil = none was written.
	Settings Settings
}

// FileWebhook is the key section "channels.webhook".
type FileWebhook struct {
	// Events to tell of, by their names in the audit (docs/events.md).
	Events []string `yaml:"events" required:"yes" choices:"@events"`
	// Address of the program. In a private network only where backchannel.allow has that.
	URL string `yaml:"url" required:"yes"`
	// Key of the signature, whsec_…
	Secret Secret `yaml:"secret" required:"yes"`
}

// decodeYAML reads the driver first, because it decides what other keys there are.
func (g *FileGateway) decodeYAML(d *decoder, n *yaml.Node, _ field, path string) {
	channel := lastKey(path)
	drivers := d.options.Drivers.of(channel)
	g.Driver = d.options.Drivers.standard(channel)
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "driver" {
			g.Driver = n.Content[i+1].Value
		}
	}
	parts := []part{{reflectOf(g), d.options.Drivers.common(channel)}}
	if slices.Contains(drivers, g.Driver) {
		g.Settings = d.options.Drivers.Kinds[g.Driver].Settings()
		own := reflectOf(g.Settings)
		parts = append(parts, part{own, fieldsOf(own.Type())})
		d.keys(n, path, parts...)
		return
	}
	// Whose keys these are nobody knows; what may be a secret is not shown all the same.
	d.pairs(n, path, func(key, value *yaml.Node) {
		if looksSecret(key.Value) {
			d.source.maskAll(value)
		}
		if key.Value == "driver" {
			d.keys(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{key, value}}, path, parts...)
		}
	})
	if g.Driver == "" && n.Kind == yaml.MappingNode {
		d.places.bad[path] = true
		d.mistakes.add(d.source.at(n), "", "%s.driver is missing", path)
	}
}
