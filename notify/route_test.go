package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify/gatewaytest"
	"github.com/soglia-sso/soglia/outbound"
)

// through makes a router of gateways that answer by err; it returns whom a message went through.
func through(prefixes map[string][]string, answers map[string]func() error, order ...string) (router, *[]string) {
	asked := new([]string)
	var r router
	for _, name := range order {
		g := &gateway{send: func(context.Context, int, Delivery) error {
			*asked = append(*asked, name)
			if answers[name] == nil {
				return nil
			}
			return answers[name]()
		}}
		r = append(r, &route{name: name, driver: g, prefixes: prefixes[name]})
	}
	return r, asked
}

func always(err error) func() error { return func() error { return err } }

func TestTheLongestPrefixHasTheMessage(t *testing.T) {
	prefixes := map[string][]string{"rest": {"*"}, "italy": {"+39"}, "rome": {"+3906", "+3933"}, "two": {"+44", "+1"}}
	for to, want := range map[string]string{
		"+390612345": "rome", "+393331234567": "rome", "+39024567890": "italy", "+447911123456": "two", "+12025550123": "two",
		"+4915112345678": "rest", "+3": "rest", "u@example.it": "rest",
	} {
		r, asked := through(prefixes, nil, "rest", "italy", "rome", "two")
		if taken, err := r.Send(t.Context(), Delivery{To: to}); err != nil || taken.Gateway != want || taken.InsteadOf != "" || len(*asked) != 1 {
			t.Errorf("%s: %+v by %q, %v", to, taken, *asked, err)
		}
	}
	r, asked := through(map[string][]string{"italy": {"+39"}}, nil, "italy")
	if _, err := r.Send(t.Context(), Delivery{To: "+4915112345678"}); !errors.Is(err, ErrRefused) || len(*asked) != 0 || strings.Contains(err.Error(), "49") {
		t.Errorf("nobody serves it: %v", err)
	}
}

// Who takes over, and who must not: a shorter prefix, and anybody after an answer that leaves open what happened.
func TestAnotherGatewayOfThePrefixTakesOver(t *testing.T) {
	refused, later, open := always(fmt.Errorf("%w: 400", ErrRefused)), always(&NotNow{Cause: errors.New("status 401")}), always(ErrUnsure)
	both := map[string][]string{"a": {"+39"}, "b": {"+39", "*"}, "c": {"*"}}
	for name, c := range map[string]struct {
		answers map[string]func() error
		asked   string
		taken   string
		is      error
	}{
		"the first takes it":               {nil, "a", "a", nil},
		"the first refuses":                {map[string]func() error{"a": refused}, "a b", "b instead of a", nil},
		"the first is not let in":          {map[string]func() error{"a": later}, "a b", "b instead of a", nil},
		"the first may have it":            {map[string]func() error{"a": open}, "a", "", ErrUnsure},
		"the first breaks off, and knows":  {map[string]func() error{"a": always(errors.New("reset"))}, "a", "", nil},
		"both refuse":                      {map[string]func() error{"a": refused, "b": refused}, "a b", "", ErrRefused},
		"one refuses, the other is away":   {map[string]func() error{"a": refused, "b": later}, "a b", "", nil},
		"one is away, the other refuses":   {map[string]func() error{"a": later, "b": refused}, "a b", "", nil},
		"one is away, the other may do it": {map[string]func() error{"a": later, "b": open}, "a b", "", ErrUnsure},
	} {
		r, asked := through(both, c.answers, "a", "b", "c")
		taken, err := r.Send(t.Context(), Delivery{To: phone})
		got := taken.Gateway
		if taken.InsteadOf != "" {
			got += " instead of " + taken.InsteadOf
		}
		if strings.Join(*asked, " ") != c.asked || got != c.taken || (err == nil) != (c.taken != "") || c.is != nil && !errors.Is(err, c.is) ||
			c.is == nil && errors.Is(err, ErrRefused) {
			t.Errorf("%s: asked %q, taken by %q, %v", name, *asked, got, err)
		}
	}
}

func TestAGatewayThatFailsIsLeftAloneWhileAnotherCanTakeOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state := map[string]error{"a": ErrUnsure}
		answers := map[string]func() error{"a": func() error { return state["a"] }, "b": func() error { return state["b"] }}
		r, asked := through(map[string][]string{"a": {"*"}, "b": {"*"}}, answers, "a", "b")
		send := func() (Taken, error) { *asked = nil; return r.Send(t.Context(), Delivery{To: phone}) }
		for range failuresToOpen {
			if _, err := send(); err == nil || !slices.Equal(*asked, []string{"a"}) {
				t.Fatalf("%q, %v", *asked, err)
			}
		}
		for range 2 {
			if taken, err := send(); err != nil || taken.InsteadOf != "a" || !errors.Is(taken.Because, errLeftAlone) || !slices.Equal(*asked, []string{"b"}) {
				t.Errorf("open: %q, %+v, %v", *asked, taken, err)
			}
		}
		time.Sleep(openFor)
		if _, err := send(); err == nil || !slices.Equal(*asked, []string{"a"}) { // one looks
			t.Errorf("after a while: %q, %v", *asked, err)
		}
		if _, err := send(); err != nil || !slices.Equal(*asked, []string{"b"}) {
			t.Errorf("… and no other: %q, %v", *asked, err)
		}
		state["b"] = &NotNow{errors.New("429"), time.Hour}
		if _, err := send(); err == nil || !slices.Equal(*asked, []string{"b"}) {
			t.Errorf("both are away: %q, %v", *asked, err)
		}
		state["a"] = nil
		time.Sleep(openFor)
		for range 2 {
			if taken, err := send(); err != nil || taken.Gateway != "a" || taken.InsteadOf != "" {
				t.Errorf("it is well again: %+v, %v", taken, err)
			}
		}
		state["a"] = &NotNow{errors.New("429"), time.Minute} // who says when is left alone till then, at once
		if _, err := send(); err == nil || !slices.Equal(*asked, []string{"a"}) {
			t.Errorf("%q, %v", *asked, err)
		}
		state["a"], state["b"] = nil, nil
		time.Sleep(59 * time.Second)
		if taken, err := send(); err != nil || taken.Gateway != "b" {
			t.Errorf("within what it asked for: %+v, %v", taken, err)
		}
		time.Sleep(time.Second)
		if taken, err := send(); err != nil || taken.Gateway != "a" {
			t.Errorf("afterwards: %+v, %v", taken, err)
		}
	})
}

// Nobody can stand in for a gateway alone, so it is asked whatever happened before.
func TestAGatewayAloneIsAlwaysAsked(t *testing.T) {
	r, asked := through(map[string][]string{"a": {"*"}}, map[string]func() error{"a": always(&NotNow{errors.New("429"), time.Hour})}, "a")
	for range 3 * failuresToOpen {
		r.Send(t.Context(), Delivery{To: phone})
	}
	if len(*asked) != 3*failuresToOpen {
		t.Errorf("asked %d times", len(*asked))
	}
}

// The whole way: the record and the log name both gateways, and neither number nor code.
func TestATakeOverLeavesARecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := gatewaytest.NewMobyt(), gatewaytest.NewVonage()
		first.Behave(gatewaytest.Busy)
		gateways := config.Channels{"sms": {
			{Driver: "mobyt", Name: "mobyt", For: []string{"+39"}, Settings: settingsFor(first)},
			{Driver: "vonage", Name: "reserve", For: []string{"+39", "*"}, Settings: settingsFor(second)},
		}}
		drivers := map[string]Driver{}
		for _, f := range []gatewaytest.Fake{first, second} { // each has a transport of its own
			opened, err := Open(gateways, Reach{Out: outbound.New(outbound.Options{Transport: f})})
			if err != nil {
				t.Fatal(err)
			}
			if drivers["sms"] == nil {
				drivers = opened
			} else {
				drivers["sms"].(router)[1] = opened["sms"].(router)[1]
			}
		}
		db, _ := database(t)
		defer db.Close()
		put(t, db, func(m *Message) { m.Channel, m.To, m.Text = "sms", phone, "918273" })
		var log bytes.Buffer
		w := NewWorker(db, box, drivers, slog.New(slog.NewJSONHandler(&log, nil)))
		if err := w.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(first.Taken()) != 0 || len(second.Taken()) != 1 {
			t.Errorf("%d and %d messages", len(first.Taken()), len(second.Taken()))
		}
		events, err := db.Events(t.Context(), "p1", time.Time{}, 10)
		if err != nil || len(events) != 1 {
			t.Fatal(len(events), err)
		}
		ev := events[0]
		if ev.Name != audit.MessageTakenOver || ev.PersonID != "p1" || ev.Reason != "sms" || string(ev.Detail) != `{"gateway":"reserve","instead_of":"mobyt","kind":"code"}` {
			t.Errorf("%+v %s", ev, ev.Detail)
		}
		for _, words := range []string{`"instead_of":"mobyt"`, `"gateway":"reserve"`, `"because":"mobyt: status 429"`} {
			if !strings.Contains(log.String(), words) {
				t.Errorf("the log lacks %s: %s", words, log.String())
			}
		}
		if strings.Contains(log.String(), "333") || strings.Contains(log.String(), "918273") {
			t.Errorf("the log tells too much: %s", log.String())
		}
	})
}
