package secret

import (
	"encoding/base64"
	"errors"
	"strings"
)

const webhookPrefix = "whsec_"

// WebhookKey reads a key of Standard Webhooks. The error does not hold it.
func WebhookKey(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, webhookPrefix))
	if err != nil || !strings.HasPrefix(text, webhookPrefix) || len(key) < 24 || len(key) > 64 {
		return nil, errors.New("must be whsec_ and base64 of 24 to 64 bytes; docs/gateways.md has the command")
	}
	return key, nil
}
