package vocabulary

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"ebb/pipeline/event"
)

func TestDefaultVocabulary(t *testing.T) {
	v := DefaultVocabulary()
	types := v.Types()
	names := map[string]bool{}

	if last := types[len(types)-1]; last != (EventType{Name: "unknown", Kind: Unknown, Channel: "none"}) {
		t.Errorf("the last type is %+v", last)
	}

	if !slices.IsSortedFunc(types[:len(types)-1], func(a, b EventType) int { return cmp.Compare(a.Name, b.Name) }) {
		t.Error("the types are not sorted")
	}

	for _, typ := range types {
		if names[typ.Name] {
			t.Errorf("%s occurs twice", typ.Name)
		}

		names[typ.Name] = true

		if !slices.Contains(v.Channels(), typ.Channel) {
			t.Errorf("%s: channel %s is none", typ.Name, typ.Channel)
		}

		if !isWeight(typ.Weight) || (typ.Weight == 0) != (typ.Kind == Exposure || typ.Kind == Unknown) {
			t.Errorf("%s: weight %v", typ.Name, typ.Weight)
		}

		if typ.Negative && typ.Kind != Active {
			t.Errorf("%s: negative, but %v", typ.Name, typ.Kind)
		}
	}

	// The table as users read it: kind, then names; - marks a negative one.
	for _, line := range strings.Split(strings.TrimSpace(`
web passive page.viewed
web micro page.pinged scroll.reached video.progressed product.searched
web active account.signed_up newsletter.subscribed cart.added order.completed review.posted
app passive app.opened screen.viewed
app micro screen.pinged
app active feature.used -app.uninstalled
email passive email.opened
email micro email.clicked
email active email.replied -unsubscribed -spam_reported
sms passive message.read
sms micro message.clicked
sms active message.replied -opted_out
social passive post.viewed
social micro post.liked conversation.joined
social active post.shared post.commented mention.posted referral.made
ads passive ad.viewed ad.clicked
ads active lead.submitted
store passive visit.detected
store micro item.tried
store active -order.returned
chat micro chat.messaged
call active call.started -case.opened case.resolved
survey passive survey.shown
survey micro survey.started
survey active survey.answered feedback.given
loyalty passive balance.viewed
loyalty micro offer.viewed
loyalty active loyalty.enrolled points.redeemed
billing active subscription.renewed -payment.failed -subscription.canceled
email exposure message.sent message.delivered message.bounced
ads exposure spend.recorded
loyalty exposure points.earned`), "\n") {
		words := strings.Fields(line)

		for _, name := range words[2:] {
			name, negative := strings.CutPrefix(name, "-")
			got := classOf(t, v, name, "")

			if got.typ.Name != name || got.Kind.String() != words[1] || got.channel != words[0] || got.Negative != negative {
				t.Errorf("%s: %+v, want %s %s, negative %v", name, got, words[0], words[1], negative)
			}
		}
	}
}

func TestVocabularyFromYAML(t *testing.T) {
	const config = `
unknown_types: reject
channels: [kiosk, web, other]
types:
  - {type: page.viewed, weight: 0.5}
  - {type: ticket.scanned, kind: active, channel: kiosk, stage: loyalty}
  - {type: balance.viewed, kind: micro, channel: app, stage: purchase, negative: true}
  - {type: Ticket Scanned, alias_of: ticket.scanned, channel: store}
  - {type: message.clicked, alias_of: email.clicked}
  - {type: Page, kind: micro}
  - {type: nothing.much, kind: passive}
`

	var c Config

	if err := yaml.Unmarshal([]byte(config), &c); err != nil {
		t.Fatal(err)
	}

	v, err := NewVocabulary(c)
	if err != nil {
		t.Fatal(err)
	}

	for _, want := range []struct {
		name, resolved, channel string
		kind                    Kind
		stage                   Stage
		negative                bool
		weight                  float64
	}{
		{"page.viewed", "page.viewed", "web", Passive, Awareness, false, .5},
		{"ticket.scanned", "ticket.scanned", "kiosk", Active, Loyalty, false, 1},
		{"Ticket Scanned", "ticket.scanned", "store", Active, Loyalty, false, 1},
		{"balance.viewed", "balance.viewed", "app", Micro, Purchase, true, 1},
		{"message.clicked", "email.clicked", "email", Micro, Consideration, false, 3},
		{"Push Notification Tapped", "email.clicked", "push", Micro, Consideration, false, 3},
		{"Page", "Page", "none", Micro, StageNone, false, 1},
		{"nothing.much", "nothing.much", "none", Passive, StageNone, false, 1},
	} {
		got := classOf(t, v, want.name, "")

		if got.typ != (EventType{
			Name: want.resolved, Kind: want.kind, Channel: got.typ.Channel, Stage: want.stage,
			Negative: want.negative, Weight: want.weight, Qualifying: got.Qualifying,
		}) || got.channel != want.channel {
			t.Errorf("%s: %+v, want %+v", want.name, got, want)
		}
	}

	if _, err := v.Classify(&event.Event{Type: []byte("nope")}); err == nil {
		t.Error("accepts unknown types")
	}

	if n := strings.Count(strings.Join(v.Channels(), " "), "web"); n != 1 {
		t.Errorf("channels %q", v.Channels())
	}
}

func TestVocabularyRefuses(t *testing.T) {
	many := func(n int, name func(int) string) (s []string) {
		for i := range n {
			s = append(s, name(i))
		}

		return s
	}
	number := func(i int) string { return "c" + strings.Repeat("x", i%50) + "-" + string(rune('a'+i/50)) }

	var manyTypes []TypeConfig

	for _, name := range many(4096, func(i int) string { return "t." + string(rune(0x4e00+i)) }) {
		manyTypes = append(manyTypes, TypeConfig{Type: name, Kind: "micro"})
	}

	weight := func(w float64) *float64 { return &w }
	truth := func(b bool) *bool { return &b }

	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{UnknownTypes: "drop"}, `vocabulary.unknown_types: "drop" is neither accept nor reject`},
		{Config{Channels: []string{"web", "Kiosk"}}, `vocabulary.channels[1]: "Kiosk" is no name`},
		{Config{Channels: []string{""}}, `vocabulary.channels[0]: "" is no name`},
		{Config{Channels: []string{"web", "all"}}, `vocabulary.channels[1]: "all" is what all channels together are called`},
		{Config{Channels: many(250, number)}, "265 channels; use at most 250"},
		{Config{Types: manyTypes}, "types; use at most 4096"},
		{types(TypeConfig{Kind: "micro"}), "vocabulary.types[0]: type is empty"},
		{types(TypeConfig{Type: "page.viewd"}), `type "page.viewd" is new; give its kind: passive, micro, active or exposure; did you mean "page.viewed"?`},
		{types(TypeConfig{Type: "zzz"}), `give its kind: passive, micro, active or exposure`},
		{types(TypeConfig{Type: "a.b", Kind: "activ"}), `kind "activ" is none of ["passive" "micro" "active" "exposure" "unknown"]; did you mean "active"?`},
		{types(TypeConfig{Type: "a.b", Kind: "unknown"}), "kind unknown is for types that are not configured"},
		{types(TypeConfig{Type: "a.b", Kind: "micro", Stage: "loyal"}), `stage "loyal" is none of`},
		{types(TypeConfig{Type: "a.b", Kind: "micro", Channel: "wbe"}), `channel "wbe" is not configured; add it to vocabulary.channels; did you mean "web"?`},
		{types(TypeConfig{Type: "a.b", Kind: "micro", Channel: "television"}), `channel "television" is not configured; add it to vocabulary.channels`},
		{types(TypeConfig{Type: "a.b", Kind: "micro", Weight: weight(-1)}), "weight -1 is not from 0 to 1000"},
		{types(TypeConfig{Type: "a.b", Kind: "micro", Weight: weight(math.NaN())}), "weight NaN"},
		{types(TypeConfig{Type: "a.b", Kind: "micro", Weight: weight(1001)}), "weight 1001"},
		{types(TypeConfig{Type: "unknown", Kind: "micro"}), `type "unknown" is the one of all types that are not configured`},
		{types(TypeConfig{Type: strings.Repeat("t", 129), Kind: "micro"}), "has 129 bytes; use at most 128"},
		{types(TypeConfig{Type: "a\nb", Kind: "micro"}), `type "a\nb": use UTF-8 without control characters`},
		{types(TypeConfig{Type: "a\xff", Kind: "micro"}), "use UTF-8"},
		{types(TypeConfig{Type: "page.viewed"}, TypeConfig{Type: "page.viewed"}), `vocabulary.types[1]: type "page.viewed" occurs twice`},
		{types(TypeConfig{Type: "pv", AliasOf: "page.view"}), `type "pv": alias_of names "page.view", which is no type; did you mean "page.viewed"?`},
		{types(TypeConfig{Type: "pv", AliasOf: "Page"}), `alias_of names "Page", which is an alias itself; name a type`},
		{types(TypeConfig{Type: "pv", AliasOf: "pv"}), "alias_of names the type itself"},
		{types(TypeConfig{Type: "pv", AliasOf: "page.viewed", Kind: "micro"}), "an alias takes everything but the channel"},
		{types(TypeConfig{Type: "pv", AliasOf: "page.viewed", Qualifying: truth(true)}), "an alias takes everything but the channel"},
		{types(TypeConfig{Type: "gdpr", AliasOf: ForgottenType}), `type "gdpr": customer.forgotten has no other name`},
		{types(TypeConfig{Type: ForgottenType, AliasOf: "page.viewed"}), "customer.forgotten has no other name"},
		{types(TypeConfig{Type: "a.b", Kind: "exposure", Qualifying: truth(true)}), `type "a.b": an exposure is what the company does, so it never qualifies; leave qualifying out, or give the type another kind`},
		{types(TypeConfig{Type: "message.sent", Qualifying: truth(true)}), `type "message.sent": an exposure`},
		{types(TypeConfig{Type: "page.viewed", AliasOf: "Page"}), `alias_of names "Page", which is an alias itself; name a type`},
	} {
		if _, err := NewVocabulary(c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error is\n%v, want\n%s", err, c.want)
		}
	}
}

func types(t ...TypeConfig) Config { return Config{Types: t} }

// The order of a configuration must not matter.
func TestVocabularyOrder(t *testing.T) {
	config := []TypeConfig{
		{Type: "b.done", Kind: "micro"},
		{Type: "a.done", Kind: "active", Channel: "kiosk"},
		{Type: "A", AliasOf: "a.done"},
		{Type: "Page", AliasOf: "b.done"},
		{Type: "message.read", Channel: "push"},
	}
	channels := []string{"kiosk", "fax", "web"}

	want, err := NewVocabulary(Config{Types: config, Channels: channels})
	if err != nil {
		t.Fatal(err)
	}

	rapid.Check(t, func(t *rapid.T) {
		got, err := NewVocabulary(Config{
			Types:    rapid.Permutation(config).Draw(t, "types"),
			Channels: rapid.Permutation(channels).Draw(t, "channels"),
		})
		if err != nil {
			t.Fatal(err)
		}

		if !slices.Equal(got.Types(), want.Types()) || !slices.Equal(got.Channels(), want.Channels()) {
			t.Fatal("types or channels differ")
		}

		for name := range want.byName {
			if got.byName[name] != want.byName[name] {
				t.Fatalf("%s: %+v, want %+v", name, got.byName[name], want.byName[name])
			}
		}
	})
}

// Callers can't change a vocabulary by what it gives them.
func TestVocabularyIsReadOnly(t *testing.T) {
	v := DefaultVocabulary()
	v.Types()[0].Name, v.Channels()[0] = "changed", "changed"

	if v.Types()[0].Name == "changed" || v.Channels()[0] == "changed" {
		t.Error("the vocabulary changed")
	}
}

func TestKindsAndStages(t *testing.T) {
	for k := range Kind(Kinds) {
		if back, err := ParseKind(k.String()); err != nil || back != k {
			t.Errorf("%v: %v, error %v", k, back, err)
		}
	}

	for s := range Stage(StageCount) {
		if back, err := ParseStage(s.String()); err != nil || back != s {
			t.Errorf("%v: %v, error %v", s, back, err)
		}
	}

	if Kind(9).String() != "kind(9)" || Stage(9).String() != "stage(9)" {
		t.Errorf("%v %v", Kind(9), Stage(9))
	}
}
