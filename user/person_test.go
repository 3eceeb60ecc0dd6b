package user

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/storage"
)

func TestFindByAnIdentifierThatIsSwitchedOn(t *testing.T) {
	d := newDoor(t)
	for name, c := range map[string]struct {
		identifiers []string
		text, want  string
	}{
		"user name":               {[]string{ByUsername}, "Mario.Rossi", "mario.rossi"},
		"user name switched off":  {[]string{ByEmail}, "mario.rossi", ""},
		"mail address":            {[]string{ByEmail}, "MARIO@example.com", "mario.rossi"},
		"mail address off":        {[]string{ByUsername}, "mario@example.com", ""},
		"a mailbox of two people": {[]string{ByUsername, ByEmail}, "both@example.com", ""},
		"dots are not tricked":    {[]string{ByUsername, ByEmail}, "m.ario@example.com", ""},
		"nobody":                  {[]string{ByUsername, ByEmail}, "nobody", ""},
		"nonsense":                {[]string{ByUsername, ByEmail}, "\x00@\xff", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Find(t.Context(), d.store, c.identifiers, c.text)
			if c.want == "" {
				if !errors.Is(err, storage.ErrNotFound) {
					t.Errorf("%v, %v", p, err)
				}
				return
			}
			if err != nil || p.Canonical != c.want {
				t.Errorf("%v, %v", p, err)
			}
		})
	}
}

func TestNobodyIsNamedLikeSomebodyElsesMailbox(t *testing.T) {
	d := newDoor(t)
	if _, err := Create(t.Context(), d.store, New{Username: "Mario@example.com", Emails: []NewEmail{{Address: "evil@example.com"}}, Now: d.now}); !errors.Is(err, ErrUsername) {
		t.Errorf("somebody else's: %v", err)
	}
	if _, err := Create(t.Context(), d.store, New{Username: "own@example.com", Emails: []NewEmail{{Address: "Own@Example.com"}}, Now: d.now}); err != nil {
		t.Errorf("one's own: %v", err)
	}
	if _, err := Create(t.Context(), d.store, New{Username: "MARIO.rossi", Now: d.now}); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("taken: %v", err)
	}
	if _, err := Create(t.Context(), d.store, New{Username: "x", Emails: []NewEmail{{Address: "x"}}, Now: d.now}); !errors.Is(err, ErrEmail) {
		t.Errorf("no address: %v", err)
	}
}

func TestACreatedPersonReadsBack(t *testing.T) {
	d := newDoor(t)
	profile := Profile{Name: "Élise O'Neill", Address: &Address{Country: "IT", Locality: "Arezzo"}}
	made := d.person(New{
		Username: "Élise", Emails: []NewEmail{{Address: "Elise@Example.com", Verified: true}, {Address: "e2@example.com", Verified: false}},
		CustomerNumber: "4711", Locale: "it", Profile: profile,
	})
	p, err := d.store.Person(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.Canonical != "élise" || p.Username != "Élise" || len(p.ID) != 26 || p.CustomerNumber != "4711" {
		t.Errorf("%+v", p)
	}
	if len(p.Contacts) != 2 {
		t.Fatalf("contacts %+v", p.Contacts)
	}
	for _, c := range p.Contacts {
		if first := c.Canonical == "elise@example.com"; c.Primary != first || c.VerifiedAt.IsZero() == first || c.Channel != "email" {
			t.Errorf("contact %+v", c)
		}
	}
	got, err := ParseProfile(p.Profile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(profile, got); diff != "" {
		t.Error(diff)
	}
	if _, err := ParseProfile([]byte("[")); err == nil {
		t.Error("a broken profile was read")
	}
}

func TestK02AFirstSocialSignInNeverTakesAnAccountOver(t *testing.T) {
	d := newDoor(t)
	p, err := FromIdentity(t.Context(), d.store, Social{
		Provider: "google", Subject: "42", Username: "mario.rossi", Now: d.now,
		Emails: []SocialEmail{{Address: "Mario@example.com", Verified: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if p.ID == d.mario.ID || p.Canonical == "mario.rossi" || !strings.HasPrefix(p.Canonical, "mario.rossi-") {
		t.Errorf("%s is %s", p.ID, p.Canonical)
	}
	if len(p.Contacts) != 1 || !p.Contacts[0].VerifiedAt.IsZero() {
		t.Errorf("the provider's word is no proof: contacts %+v", p.Contacts)
	}
	if err := d.try("mario@example.com", right, "ip", ""); err != nil {
		t.Errorf("Mario by his address: %v", err)
	}
	found, err := d.store.PersonByIdentity(t.Context(), "google", "42")
	if err != nil || found.ID != p.ID || !found.Identities[0].ProvedAt.IsZero() || found.PasswordHash != "" {
		t.Errorf("%+v, %v", found, err)
	}
	if diff := cmp.Diff([]string{"mario@example.com"}, found.Identities[0].Emails); diff != "" {
		t.Error(diff)
	}
	if _, err := FromIdentity(t.Context(), d.store, Social{Provider: "google", Subject: "42", Now: d.now}); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("the same identity twice: %v", err)
	}
}

func TestAFirstSocialSignInGetsANameAndItsVerifiedAddress(t *testing.T) {
	d := newDoor(t)
	for i, c := range []struct {
		social   Social
		name     string
		contacts int
	}{
		{Social{Emails: []SocialEmail{{Address: "l.bianchi@gmail.com", Verified: true}}}, "l.bianchi", 1},
		{Social{Emails: []SocialEmail{{Address: "g.verdi@gmail.com", Verified: false}}}, "g.verdi", 0},
		{Social{Username: "Carla Neri"}, "carla.neri", 0},
		{Social{Profile: Profile{GivenName: "Ugo", FamilyName: "Foscolo"}}, "ugo.foscolo", 0},
		{Social{Username: "\u202e", Emails: []SocialEmail{{Address: "nonsense", Verified: true}}}, "nonsense", 0},
		{Social{}, "user", 0},
		{Social{Username: strings.Repeat("x", 200)}, "user-", 0},
		{Social{Username: strings.Repeat("y", 64)}, strings.Repeat("y", 48), 0},
	} {
		c.social.Provider, c.social.Subject, c.social.Now = "google", strings.Repeat("s", i+1), d.now
		p, err := FromIdentity(t.Context(), d.store, c.social)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(p.Canonical, c.name) || len(p.Contacts) != c.contacts {
			t.Errorf("%+v: %q with %d contacts", c.social, p.Canonical, len(p.Contacts))
		}
	}
}

// A name that the YAML puts into a group is nobody's to take: by a social login with the right nickname, a stranger would
// come by the group's roles.
func TestASocialSignInTakesNoNameThatIsReserved(t *testing.T) {
	d := newDoor(t)
	reserved := func(name string) bool { return name == "root" }
	for i, s := range []Social{{Username: "Root"}, {Emails: []SocialEmail{{Address: "root@evil.test", Verified: true}}}, {Profile: Profile{Name: "ROOT"}}} {
		s.Provider, s.Subject, s.Now, s.Reserved = "google", strings.Repeat("r", i+1), d.now, reserved
		p, err := FromIdentity(t.Context(), d.store, s)
		if err != nil {
			t.Fatal(err)
		}
		if p.Canonical == "root" || !strings.HasPrefix(p.Canonical, "root-") {
			t.Errorf("%+v is %s", s, p.Canonical)
		}
	}
}

func TestReportedAddressesHoldEachOnce(t *testing.T) {
	got := ReportedAddresses([]SocialEmail{{Address: "L.Bianchi@googlemail.com", Verified: false}, {Address: "lbianchi@gmail.com", Verified: true}, {Address: "lbianchi@GMAIL.com", Verified: false}, {Address: "nonsense", Verified: true}})
	if diff := cmp.Diff([]string{"l.bianchi@googlemail.com", "lbianchi@gmail.com"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheMailboxBehindAPasswordIsRemembered(t *testing.T) {
	d := newDoor(t)
	const day = 24 * time.Hour
	set := func(by Proof) {
		t.Helper()
		if err := SetPassword(t.Context(), d.store, d.mario, "hash", by, day, d.now); err != nil {
			t.Fatal(err)
		}
	}
	stored := func() *storage.Person {
		t.Helper()
		p, err := d.store.Person(t.Context(), d.mario.ID)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	set(Proof{MailedTo: "mario@example.com"})
	if p := stored(); p.PasswordVia != "mario@example.com" || !p.PasswordViaUntil.Equal(d.now.Add(day)) {
		t.Errorf("mailed: %q until %v", p.PasswordVia, p.PasswordViaUntil)
	}
	set(Proof{}) // the old password, which may be the mailed one
	if p := stored(); p.PasswordVia == "" {
		t.Error("the old password cleared it")
	}
	set(Proof{MailedTo: "mario@example.com", OwnFactor: true})
	if p := stored(); p.PasswordVia != "" || !p.PasswordSetAt.Equal(d.now) {
		t.Errorf("own factor: %q", p.PasswordVia)
	}
	stale := *d.mario
	stale.Version--
	if err := SetPassword(t.Context(), d.store, &stale, "hash", Proof{}, day, d.now); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("a person that moved on: %v", err)
	}
}
