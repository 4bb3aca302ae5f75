package vocabulary

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"ebb/pipeline/event"
)

// named is a class with the names that its indexes stand for.
type named struct {
	Class
	typ     EventType
	channel string
}

func classOf(t *testing.T, v *Vocabulary, typ, channel string) named {
	t.Helper()

	c, err := v.Classify(&event.Event{Type: []byte(typ), Channel: []byte(channel)})
	if err != nil {
		t.Fatal(err)
	}

	n := named{c, v.Types()[c.Type], v.Channels()[c.Channel]}

	if n.Kind != n.typ.Kind || n.Negative != n.typ.Negative || n.Weight != n.typ.Weight || n.Qualifying != n.typ.Qualifying {
		t.Errorf("%s: class %+v is not that of %+v", typ, c, n.typ)
	}

	return n
}

func TestClassify(t *testing.T) {
	v := DefaultVocabulary()

	for _, c := range []struct {
		typ, channel string // of the event
		want         string // type, kind, channel, and whether it qualifies
	}{
		{"page.viewed", "", "page.viewed passive web"},
		{"page.viewed", "web", "page.viewed passive web"},
		{"page.viewed", "app", "page.viewed passive app"},
		{"page.viewed", "fax", "page.viewed passive other"},
		{"page.viewed", "Web", "page.viewed passive other"},
		{"page.viewed", "none", "page.viewed passive none"},
		{"page.pinged", "", "page.pinged micro web qualifying"},
		{"order.completed", "", "order.completed active web qualifying"},
		{"order.completed", "store", "order.completed active store qualifying"},
		{"order.returned", "", "order.returned active store"},
		{"message.read", "whatsapp", "message.read passive whatsapp"},
		{"message.sent", "", "message.sent exposure email"},
		{"message.sent", "push", "message.sent exposure push"},
		{"spend.recorded", "", "spend.recorded exposure ads"},
		{"points.earned", "", "points.earned exposure loyalty"},
		{"Invite Sent", "", "referral.made active social qualifying"},
		{"Cart Shared", "", "post.shared active social qualifying"},
		{"something.else", "", "unknown unknown none"},
		{"something.else", "app", "unknown unknown app"},
		{"something.else", "fax", "unknown unknown other"},
		{"unknown", "", "unknown unknown none"},
		{"Page.Viewed", "", "unknown unknown none"},
		{"Order Completed", "", "order.completed active web qualifying"},
		{"Product Added", "app", "cart.added active app qualifying"},
		{"Email Opened", "", "email.opened passive email"},
		{"Email Link Clicked", "", "email.clicked micro email qualifying"},
		{"Email Marked as Spam", "", "spam_reported active email"},
		{"Unsubscribed", "", "unsubscribed active email"},
		{"Page", "", "page.viewed passive web"},
		{"Screen", "", "screen.viewed passive app"},
		{"Identify", "", "customer.identified exposure none"},
		{"Track", "", "event.tracked passive web"},
		{"Push Notification Tapped", "", "message.clicked micro push qualifying"},
		{"Push Notification Tapped", "sms", "message.clicked micro sms qualifying"},
	} {
		got := classOf(t, v, c.typ, c.channel)
		text := fmt.Sprintf("%s %v %s", got.typ.Name, got.Kind, got.channel)

		if got.Qualifying {
			text += " qualifying"
		}

		if text != c.want {
			t.Errorf("%s %s: %s, want %s", c.typ, c.channel, text, c.want)
		}
	}
}

// What the company sends is no person's doing, whoever pressed the button.
func TestClassifyMachineOfTheCompany(t *testing.T) {
	c, err := DefaultVocabulary().Classify(&event.Event{Type: []byte("message.sent"), Machine: true})
	if err != nil || c.Machine || !c.Contacts {
		t.Errorf("class is %+v, error %v; want a message that no machine is said to have sent", c, err)
	}
}

func TestClassifyMachine(t *testing.T) {
	c, err := DefaultVocabulary().Classify(&event.Event{Type: []byte("email.clicked"), Machine: true})
	if err != nil || c.Qualifying || c.Kind != Micro {
		t.Errorf("%+v, error %v", c, err)
	}
}

// What counts against silence is by kind and sign, unless the configuration
// says otherwise; a machine's events never count.
func TestQualifyingIsConfigurable(t *testing.T) {
	yes, no := true, false

	v, err := NewVocabulary(types(
		TypeConfig{Type: "page.viewed", Qualifying: &yes},
		TypeConfig{Type: "order.completed", Qualifying: &no},
		TypeConfig{Type: "order.returned", Qualifying: &yes},
		TypeConfig{Type: "message.sent", Qualifying: &no},
		TypeConfig{Type: "message.delivered", Kind: "passive", Qualifying: &yes},
		TypeConfig{Type: "screen.viewed", Kind: "micro"},
		TypeConfig{Type: "email.clicked", Negative: &yes},
		TypeConfig{Type: "lesson.watched", Kind: "passive", Qualifying: &yes},
		TypeConfig{Type: "lesson.started", Kind: "active", Qualifying: &no},
		TypeConfig{Type: "Lesson Watched", AliasOf: "lesson.watched", Channel: "app"},
	))
	if err != nil {
		t.Fatal(err)
	}

	for name, want := range map[string]bool{
		"page.viewed": true, "Page": true, "order.completed": false, "Order Completed": false, "order.returned": true,
		"message.sent": false, "message.delivered": true, "screen.viewed": true, "email.clicked": false,
		"lesson.watched": true, "Lesson Watched": true, "lesson.started": false, "unknown.type": false,
		"cart.added": true, "app.opened": false,
	} {
		for _, machine := range []bool{false, true} {
			c, err := v.Classify(&event.Event{Type: []byte(name), Machine: machine})
			if err != nil || c.Qualifying != (want && !machine) {
				t.Errorf("%s, machine %v: qualifying %v, error %v", name, machine, c.Qualifying, err)
			}
		}
	}
}

func TestClassifyRejects(t *testing.T) {
	v, err := NewVocabulary(Config{UnknownTypes: RejectUnknown})
	if err != nil {
		t.Fatal(err)
	}

	_, err = v.Classify(&event.Event{Type: []byte("page.view")})
	if !errors.Is(err, event.ErrUnknownType) || !strings.Contains(err.Error(), "type is page.view; add it to vocabulary, or set unknown_types to accept") {
		t.Errorf("error %v", err)
	}
}

func TestClassifyAllocatesNothing(t *testing.T) {
	v := DefaultVocabulary()

	for _, ev := range []event.Event{
		{Type: []byte("page.viewed"), Channel: []byte("web")},
		{Type: []byte("Email Link Clicked"), Channel: []byte("fax")},
		{Type: []byte("something.else.with.a.name.that.is.long"), Channel: []byte("app")},
	} {
		if n := testing.AllocsPerRun(100, func() {
			if _, err := v.Classify(&ev); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", ev.Type, n)
		}
	}
}
