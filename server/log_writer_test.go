package server

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// stuck is a pipe that nobody reads until it is freed.
type stuck struct {
	bytes.Buffer
	free chan struct{}
}

func (s *stuck) Write(b []byte) (int, error) {
	<-s.free
	return s.Buffer.Write(b)
}

func TestR19AStuckLogStopsNobodyAndSaysWhatItLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pipe := &stuck{free: make(chan struct{})}
		l := NewLogWriter(pipe)
		line := []byte(strings.Repeat("x", 1023) + "\n")
		var writers sync.WaitGroup
		for range 10 {
			writers.Go(func() {
				for range 2 * maxWaiting / len(line) / 10 {
					l.Write(line)
				}
			})
		}
		writers.Wait() // nobody waits for the pipe
		synctest.Wait()
		lost := l.Dropped()
		if lost == 0 {
			t.Fatal("nothing was dropped of twice what fits")
		}
		close(pipe.free)
		time.Sleep(time.Second) // of the bubble
		fmt.Fprintln(l, "after")
		l.Close(context.Background())
		if got := pipe.String(); !strings.Contains(got, fmt.Sprintf(`"count":%d}`+"\nafter\n", lost)) {
			t.Errorf("the log ends with %q, lost %d", got[max(0, len(got)-200):], lost)
		}
	})
}

func TestLinesAreWrittenInOrderAndBeforeClose(t *testing.T) {
	var out bytes.Buffer
	l := NewLogWriter(&out)
	want := ""
	for i := range 1000 {
		want += fmt.Sprintln(i)
		fmt.Fprintln(l, i)
	}
	l.Close(context.Background())
	l.Close(context.Background())
	if out.String() != want {
		t.Errorf("%d bytes of %d", out.Len(), len(want))
	}
	fmt.Fprintln(l, "late")
	if l.Dropped() != 1 {
		t.Error("a line after Close is not counted as dropped")
	}
}
