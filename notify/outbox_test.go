package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

var box = func() *secret.Box {
	b, err := secret.NewBox(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		panic(err)
	}
	return b
}()

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// database is a SQLite database. Inside a synctest bubble call it there, and close it before the bubble ends.
func database(t *testing.T) (*sql.Store, string) {
	t.Helper()
	url := storagetest.SQLite(t)
	db, err := sql.Open(context.Background(), url, sql.WithOffset(0), sql.WithDev())
	if err != nil {
		t.Fatal(err)
	}
	return db, strings.TrimPrefix(url, "sqlite:")
}

// put enqueues a message in a transaction of its own.
func put(t *testing.T, db storage.Store, change ...func(*Message)) {
	t.Helper()
	m := Message{
		Person: "p1", Channel: "email", Kind: "code", To: "u@example.it", Subject: "123456", Text: "Codice 123456",
		NotAfter: db.Now().Add(10 * time.Minute), Created: db.Now(),
	}
	for _, f := range change {
		f(&m)
	}
	o := Outbox{Box: box}
	if err := db.Tx(context.Background(), func(r storage.Records) error { return o.Enqueue(context.Background(), r, m) }); err != nil {
		t.Fatal(err)
	}
}

func depth(t *testing.T, db storage.Store) int {
	t.Helper()
	n, err := db.OutboxDepth(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMessageLivesAndDiesWithTheTransaction(t *testing.T) {
	db, _ := database(t)
	defer db.Close()
	ctx, o, memory := context.Background(), Outbox{Box: box}, new(Memory)
	w := NewWorker(db, box, map[string]Driver{"email": memory}, quiet)
	m := Message{Person: "p1", Channel: "email", To: "u@example.it", Text: "t", NotAfter: db.Now().Add(time.Minute)}
	undone := errors.New("undone")
	if err := db.Tx(ctx, func(r storage.Records) error {
		if err := o.Enqueue(ctx, r, m); err != nil {
			return err
		}
		return undone
	}); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if err := w.Drain(ctx); err != nil || len(memory.All()) != 0 {
		t.Fatalf("an undone act sent %d messages, %v", len(memory.All()), err)
	}
	if err := db.Tx(ctx, func(r storage.Records) error { return o.Enqueue(ctx, r, m) }); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there must be nothing left
		if err := w.Drain(ctx); err != nil || len(memory.All()) != 1 {
			t.Fatalf("%d messages, %v", len(memory.All()), err)
		}
	}
	if got, ok := memory.Latest("u@example.it"); !ok || got.Text != "t" || got.ID == "" {
		t.Errorf("Latest = %+v, %v", got, ok)
	}
}

func TestMessageIsSealedInTheDatabase(t *testing.T) {
	db, path := database(t)
	put(t, db, func(m *Message) { m.To, m.Subject, m.Text = "victim@example.it", "code 918273", "918273 is the code" })
	rows, err := db.LeaseMessages(context.Background(), "thief", storage.ToPeople, 1, db.Now(), time.Second)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	moved := *rows[0]
	moved.ID = "another"
	if _, err := (&Outbox{Box: box}).open(&moved); !errors.Is(err, secret.ErrSealed) {
		t.Errorf("a body copied to another row opens: %v", err)
	}
	db.Close()
	files, _ := filepath.Glob(path + "*")
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, clear := range []string{"918273", "victim@"} {
			if bytes.Contains(content, []byte(clear)) {
				t.Errorf("%s holds %q in clear", filepath.Base(f), clear)
			}
		}
	}
	if len(files) == 0 {
		t.Error("no database file was looked at")
	}
}

func TestEnqueueRefusesWhatCannotBeSent(t *testing.T) {
	db, _ := database(t)
	defer db.Close()
	good := Message{Channel: "email", To: "u@example.it", NotAfter: db.Now().Add(time.Minute)}
	for name, change := range map[string]func(*Message){
		"no channel":   func(m *Message) { m.Channel = "" },
		"no recipient": func(m *Message) { m.To = "" },
		"no end":       func(m *Message) { m.NotAfter = time.Time{} },
		"far too long": func(m *Message) { m.Text = strings.Repeat("x", maxContent) },
	} {
		m := good
		change(&m)
		if err := (&Outbox{Box: box}).Enqueue(context.Background(), db, m); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if n := depth(t, db); n != 0 {
		t.Errorf("%d messages were written", n)
	}
}

func TestMemoryTellsItsReaders(t *testing.T) {
	m := new(Memory)
	live, stop := m.Subscribe()
	m.Send(context.Background(), Delivery{To: "a", Text: "1"})
	if got := <-live; got.Text != "1" {
		t.Errorf("live: %+v", got)
	}
	stop()
	for i := range keep + 10 { // and a reader that is gone stops nobody
		m.Send(context.Background(), Delivery{To: "a", Text: fmt.Sprint(i)})
	}
	if all := m.All(); len(all) != keep || all[0].Text != "10" {
		t.Errorf("%d remembered, the oldest %q", len(all), all[0].Text)
	}
	if got, ok := m.Latest("a"); !ok || got.Text != fmt.Sprint(keep+9) {
		t.Errorf("Latest = %+v", got)
	}
	if _, ok := m.Latest("b"); ok {
		t.Error("a message to nobody")
	}
}
