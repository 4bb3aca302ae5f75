package simulate

import (
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/vocabulary"
)

// Every type of the vocabulary comes, so that each metric has data, in shares that
// a company knows: what is rare is rare.
func everyTypeComes(t *testing.T, all []told) {
	t.Helper()
	count := map[string]int{}
	for i := range all {
		count[all[i].typ]++
	}
	for _, typ := range vocabulary.DefaultVocabulary().Types() {
		if typ.Name == vocabulary.UnknownType || typ.Name == vocabulary.ForgottenType {
			continue // nobody asks to be forgotten: the proof would leave their partition out
		}
		if count[typ.Name] == 0 {
			t.Errorf("no %s among %d events", typ.Name, len(all))
		}
	}
	if len(count) != topics {
		t.Errorf("%d types came, want %d", len(count), topics)
	}
	for typ, most := range map[string]float64{
		"spend.recorded": 0.02, "case.opened": 0.01, "survey.answered": 0.01, "referral.made": 0.005, "mention.posted": 0.005,
		"unsubscribed": 0.005, "subscription.renewed": 0.01, "points.earned": 0.03, "ad.viewed": 0.03, "app.uninstalled": 0.001,
	} {
		if share := float64(count[typ]) / float64(len(all)); share > most {
			t.Errorf("%s is %.4f of the events, want at most %v", typ, share, most)
		}
	}
}

// Answers lie on their survey's scale, and each of its ends is reached.
func surveysHaveTheirScales(t *testing.T, all []told) {
	type span struct{ least, most float64 }
	scales := map[string]span{"nps": {0, 10}, "csat": {1, 5}, "ces": {1, 7}, "emotion": {1, 5}}
	found := map[string]span{}
	reached := map[bool]int{}
	inChannels := map[string]bool{}
	for i := range all {
		e := &all[i]
		if e.typ != "survey.answered" {
			continue
		}
		name := e.properties.Survey
		if name == "goal" {
			if e.Has(event.HasScore) || e.properties.GoalReached == nil {
				t.Fatalf("an answer of whether the goal was reached: %+v", e)
			}
			reached[*e.properties.GoalReached]++

			continue
		}
		scale, known := scales[name]
		if !known || !e.Has(event.HasScore) || e.Score < scale.least || e.Score > scale.most {
			t.Fatalf("survey %q: score %v", name, e.Score)
		}
		if name == "csat" {
			inChannels[e.channel] = true
		}
		s, seen := found[name]
		if !seen {
			s = span{e.Score, e.Score}
		}
		found[name] = span{min(s.least, e.Score), max(s.most, e.Score)}
	}
	for name, scale := range scales {
		if got := found[name]; got.most != scale.most || got.least > scale.least+2 {
			t.Errorf("survey %s: answers from %v to %v, on a scale from %v to %v", name, got.least, got.most, scale.least, scale.most)
		}
	}
	if reached[true] == 0 || reached[false] == 0 || len(inChannels) < 3 {
		t.Errorf("goals %v, channels of satisfaction %v; want both, and three", reached, inChannels)
	}
}

// Some issues come up again, within three days or later, there or elsewhere; points,
// pings, thirds and devices are as their producers make them.
func storiesHangTogether(t *testing.T, all []told) {
	type key struct{ customer, what string }
	issues := map[key]*told{}
	pings, thirds, devices := map[key]int64{}, map[key]float64{}, map[string]map[string]bool{}
	owned := map[key]bool{}
	var elsewhere, soon, later, offered, again, abroad, purchases int
	for i := range all {
		e := &all[i]
		switch e.typ {
		case "case.opened":
			k := key{e.customer, e.properties.Issue}
			if k.what == "" {
				t.Fatalf("a case without an issue: %+v", e)
			}
			if before := issues[k]; before != nil {
				if e.Time-before.Time <= 72*hour {
					soon++
				} else {
					later++
				}
				if e.channel != before.channel {
					elsewhere++
				}
			}
			issues[k] = e
		case "page.pinged", "screen.pinged":
			if e.Duration != heartbeat/1000 {
				t.Fatalf("a ping of %v s", e.Duration)
			}
			pings[key{e.customer, e.session}]++
		case "scroll.reached", "video.progressed":
			thirds[key{e.typ, ""}] = max(thirds[key{e.typ, ""}], e.Progress)
		case "order.completed":
			purchases++
			if e.product == "" || e.currency == "" {
				t.Fatalf("an order without product or currency: %+v", e)
			}
			owned[key{e.customer, e.product}] = true
			if before := issues[key{e.customer, "currency"}]; before != nil && before.currency != e.currency {
				abroad++
			}
			issues[key{e.customer, "currency"}] = e
		case "message.sent":
			if e.message == "" || (e.properties.Variant == "") != (e.product != "") {
				t.Fatalf("a message without an id, or neither an offer nor of an arm: %+v", e)
			}
			if e.product != "" {
				offered++
				if owned[key{e.customer, e.product}] {
					again++
				}
			}
		}
		if e.device != "" {
			if devices[e.customer] == nil {
				devices[e.customer] = map[string]bool{}
			}
			devices[e.customer][e.device] = true
		}
	}
	if elsewhere == 0 || soon == 0 || later == 0 {
		t.Errorf("issues that came up again: %d within three days, %d later, %d elsewhere", soon, later, elsewhere)
	}
	if offered < 500 || again < offered/50 || again > offered/3 {
		t.Errorf("%d offers, %d of what the customer has", offered, again)
	}
	if abroad == 0 || abroad > purchases/20 {
		t.Errorf("%d of %d orders in another currency than the one before", abroad, purchases)
	}
	if thirds[key{"scroll.reached", ""}] != 1 || thirds[key{"video.progressed", ""}] != 1 {
		t.Errorf("read and watched to %v", thirds)
	}
	most, several := int64(0), 0
	for _, n := range pings {
		most = max(most, n)
	}
	for _, of := range devices {
		if len(of) > 1 {
			several++
		}
	}
	if most < 10 || several < len(devices)/10 || several > len(devices)*9/10 {
		t.Errorf("%d pings in a session at most, %d of %d customers with several devices", most, several, len(devices))
	}
}
