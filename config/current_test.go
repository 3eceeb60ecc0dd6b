package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReloadKeepsTheOldSnapshotWhenTheFileIsWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "soglia.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(small)
	current, err := Open(func() (*Config, error) { return Load(path, Options{Env: environment}) })
	if err != nil {
		t.Fatal(err)
	}
	first := current.Get()

	write(small + "isuer: x\nhmoe: y\n")
	if got := heads(t, current.Reload()); len(got) != 2 {
		t.Errorf("mistakes %q", got)
	}
	if current.Get() != first {
		t.Error("a wrong file replaced the snapshot")
	}
	os.Remove(path)
	if err := current.Reload(); err == nil || IsMistakes(err) || current.Get() != first {
		t.Errorf("a missing file: %v", err)
	}

	write(small + "sessions: {idle: 5m}\n")
	if err := current.Reload(); err != nil {
		t.Fatal(err)
	}
	if current.Get() == first || first.Sessions.Idle == current.Get().Sessions.Idle {
		t.Error("a right file did not replace the snapshot, or changed it in place")
	}
}

func TestOpenFailsWhenThereIsNothingToKeep(t *testing.T) {
	if _, err := Open(func() (*Config, error) { return Parse([]byte("version: 1"), Options{}) }); !IsMistakes(err) {
		t.Errorf("%v", err)
	}
}
