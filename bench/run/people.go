package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// populate makes the accounts: one by the product's own command, the others as copies of its rows, because hashing the
// same password a hundred times would only take time.
func populate(ctx context.Context, t *tools, s *settings, c *cluster, database string) error {
	add := exec.CommandContext(ctx, t.soglia, "user", "add", "--stdin", "--email", "model@bench.test", "--name", "Model Person", "--file", s.yaml, "model")
	add.Stdin = strings.NewReader(password + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		return fmt.Errorf("user add: %w: %s", err, out)
	}
	return c.exec(ctx, database, copies("user", accounts), copies("app", accounts), "ANALYZE persons, contacts")
}

// copies is a statement that makes n people like the model, called prefix0 and so on.
func copies(prefix string, n int) string {
	return fmt.Sprintf(`WITH made AS (
		INSERT INTO persons SELECT (jsonb_populate_record(p, jsonb_build_object('id', 'bench%[1]s' || n, 'username', '%[1]s' || n, 'canonical', '%[1]s' || n))).*
		FROM persons p, generate_series(0, %[2]d - 1) n WHERE p.username = 'model' RETURNING id, username)
	INSERT INTO contacts SELECT (jsonb_populate_record(c, jsonb_build_object('id', 'mail' || m.id, 'person_id', m.id,
		'address', m.username || '@bench.test', 'canonical', m.username || '@bench.test'))).*
	FROM contacts c JOIN persons p ON p.id = c.person_id AND p.username = 'model', made m`, prefix, n)
}
