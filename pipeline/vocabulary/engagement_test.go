package vocabulary

import (
	"testing"

	"ebb/pipeline/amount"
	"ebb/pipeline/churn"
	"ebb/pipeline/event"
)

func TestEngagementIsWhatTheEventSays(t *testing.T) {
	truth := true
	v, err := NewVocabulary(Config{Types: []TypeConfig{
		{Type: "ease.rated", Kind: "active", Channel: "survey", Scale: &Scale{Worst: 7, Best: 1}},
		{Type: "contract.ended", Kind: "active", Negative: &truth, Ends: &truth},
		{Type: "contract.paid", Kind: "passive", Money: "+"},
		{Type: "survey.ces", Kind: "active", Channel: "survey"},
		{Type: "letter.sent", Kind: "exposure", Contacts: &truth},
	}})
	if err != nil {
		t.Fatal(err)
	}
	channel := func(name string) uint8 { return v.channelIndex[name] }
	for name, test := range map[string]struct {
		event event.Event
		want  churn.Event
	}{
		"order": {
			event.Event{Type: []byte("order.completed"), Time: 5, Value: amount.Of(2_500_000), Fields: event.HasValue},
			churn.Event{Time: 5, Channel: channel("web"), Qualifying: true, Value: 2.5},
		},
		"return": {
			event.Event{Type: []byte("order.returned"), Value: amount.Of(-1_000_000), Fields: event.HasValue},
			churn.Event{Channel: channel("store"), Negative: true, Trouble: churn.SentBack, Value: -1},
		},
		"return of an amount above 0": {
			event.Event{Type: []byte("Order Refunded"), Value: amount.Of(1_000_000), Currency: []byte("EUR"), Fields: event.HasValue},
			churn.Event{Channel: channel("web"), Negative: true, Trouble: churn.SentBack, Value: -1, Currency: churn.CurrencyOf("EUR")},
		},
		"an order of less than nothing": {
			event.Event{Type: []byte("Order Completed"), Value: amount.Max().Neg(), Fields: event.HasValue},
			churn.Event{Channel: channel("web"), Qualifying: true, Value: -1e18},
		},
		"cart": {
			event.Event{Type: []byte("Product Added"), Value: amount.Of(500_000_000), Currency: []byte("EUR"), Fields: event.HasValue},
			churn.Event{Channel: channel("web"), Qualifying: true},
		},
		"configured money": {
			event.Event{Type: []byte("contract.paid"), Value: amount.Of(3_000_000), Currency: []byte("VND"), Fields: event.HasValue},
			churn.Event{Channel: channel(ChannelNone), Notice: churn.Looked, Value: 3, Currency: churn.CurrencyOf("VND")},
		},
		"detractor": {
			event.Event{Type: []byte("survey.answered"), Score: 2.5, Fields: event.HasScore},
			churn.Event{Channel: channel("survey"), Qualifying: true, Rated: true, Scored: true, Experience: -0.5},
		},
		"satisfied": {
			event.Event{Type: []byte("survey.answered"), Score: 5, Fields: event.HasScore, Properties: []byte(`{"a":{"survey":"nps"},"survey":"CSAT"}`)},
			churn.Event{Channel: channel("survey"), Qualifying: true, Rated: true, Scored: true, Experience: 1},
		},
		"hard": {
			event.Event{Type: []byte("survey.answered"), Score: 1, Fields: event.HasScore, Properties: []byte(`{"\u0073urvey":"ces"}`)},
			churn.Event{Channel: channel("survey"), Qualifying: true, Rated: true, Scored: true, Experience: -1},
		},
		"unmoved": {
			event.Event{Type: []byte("survey.answered"), Score: 3, Fields: event.HasScore, Properties: []byte(`{"survey":"emotion"}`)},
			churn.Event{Channel: channel("survey"), Qualifying: true, Rated: true, Scored: true},
		},
		"a survey of no known name": {
			event.Event{Type: []byte("survey.answered"), Score: 5, Fields: event.HasScore, Properties: []byte(`{"survey":5,"x":"csat"}`)},
			churn.Event{Channel: channel("survey"), Qualifying: true, Rated: true, Scored: true},
		},
		"a type of one survey": {
			event.Event{Type: []byte("survey.ces"), Score: 7, Fields: event.HasScore, Properties: []byte(`{"survey":"nps"}`)},
			churn.Event{Channel: channel("survey"), Qualifying: true, Rated: true, Scored: true, Experience: 1},
		},
		"complaint": {
			event.Event{Type: []byte("case.opened"), Channel: []byte("chat")},
			churn.Event{Channel: channel("chat"), Negative: true, Trouble: churn.Complaint},
		},
		"settled": {
			event.Event{Type: []byte("case.resolved")},
			churn.Event{Channel: channel("call"), Qualifying: true, Settles: true},
		},
		"opened": {
			event.Event{Type: []byte("Email Opened")},
			churn.Event{Channel: channel("email"), Notice: churn.OpenedMail, Reaction: true},
		},
		"opened by a scanner": {
			event.Event{Type: []byte("email.opened"), Machine: true},
			churn.Event{Channel: channel("email")},
		},
		"read": {
			event.Event{Type: []byte("message.read"), Channel: []byte("push")},
			churn.Event{Channel: channel("push"), Notice: churn.ReadMessage, Reaction: true},
		},
		"clicked": {
			event.Event{Type: []byte("email.clicked")},
			churn.Event{Channel: channel("email"), Qualifying: true, Reaction: true},
		},
		"replied": {
			event.Event{Type: []byte("email.replied")},
			churn.Event{Channel: channel("email"), Qualifying: true},
		},
		"delivered": {
			event.Event{Type: []byte("message.delivered")},
			churn.Event{Channel: channel("email"), Ours: true},
		},
		"viewed": {
			event.Event{Type: []byte("page.viewed")},
			churn.Event{Channel: channel("web"), Notice: churn.Looked},
		},
		"a falling scale": {
			event.Event{Type: []byte("ease.rated"), Score: 1, Fields: event.HasScore},
			churn.Event{Channel: channel("survey"), Qualifying: true, Rated: true, Scored: true, Experience: 1},
		},
		"beyond the scale": {
			event.Event{Type: []byte("survey.answered"), Score: 100, Fields: event.HasScore},
			churn.Event{Channel: channel("survey"), Qualifying: true, Rated: true, Scored: true, Experience: 1},
		},
		"a score without a scale": {
			event.Event{Type: []byte("page.pinged"), Score: 3, Fields: event.HasScore},
			churn.Event{Channel: channel("web"), Qualifying: true},
		},
		"a score without a scale beside a sentiment": {
			event.Event{Type: []byte("page.pinged"), Score: 3, Sentiment: 0.5, Fields: event.HasScore | event.HasSentiment},
			churn.Event{Channel: channel("web"), Qualifying: true, Rated: true, Experience: 0.5},
		},
		"sentiment": {
			event.Event{Type: []byte("feedback.given"), Sentiment: -0.25, Fields: event.HasSentiment},
			churn.Event{Channel: channel("survey"), Qualifying: true, Rated: true, Experience: -0.25},
		},
		"canceled": {
			event.Event{Type: []byte("subscription.canceled")},
			churn.Event{Channel: channel("billing"), Negative: true, Trouble: churn.Quit, Ends: true},
		},
		"configured end": {
			event.Event{Type: []byte("contract.ended")},
			churn.Event{Channel: channel(ChannelNone), Negative: true, Trouble: churn.Quit, Ends: true},
		},
		"message":           {event.Event{Type: []byte("message.sent")}, churn.Event{Channel: channel("email"), Contact: true, Ours: true}},
		"configured letter": {event.Event{Type: []byte("letter.sent")}, churn.Event{Channel: channel(ChannelNone), Contact: true, Ours: true}},
		"by a machine": {
			event.Event{Type: []byte("unsubscribed"), Machine: true, Sentiment: 1, Fields: event.HasSentiment},
			churn.Event{Channel: channel("email")},
		},
	} {
		class, err := v.Classify(&test.event)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Engagement(&test.event, class); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestMoneyIsSaidInThreeWays(t *testing.T) {
	for _, money := range []Money{MoneyNone, MoneyIn, MoneyOut} {
		if got, err := ParseMoney(money.String()); err != nil || got != money {
			t.Errorf("%s is read as %s, %v", money, got, err)
		}
	}
	for _, text := range []string{"", "plus", "++", "1"} {
		if _, err := NewVocabulary(Config{Types: []TypeConfig{{Type: "x", Kind: "active", Money: text}}}); (err == nil) != (text == "") {
			t.Errorf("money %q: %v", text, err)
		}
	}
	if _, err := NewVocabulary(Config{Types: []TypeConfig{{Type: "x", AliasOf: "order.completed", Money: "-"}}}); err == nil {
		t.Error("an alias may have money of its own")
	}
}

// Who says the scale of answers means that of all of them.
func TestAConfiguredScaleIsThatOfAllSurveys(t *testing.T) {
	v, err := NewVocabulary(Config{Types: []TypeConfig{{Type: "survey.answered", Scale: &Scale{Worst: 0, Best: 100}}}})
	if err != nil {
		t.Fatal(err)
	}
	ev := event.Event{Type: []byte("survey.answered"), Score: 75, Fields: event.HasScore, Properties: []byte(`{"survey":"csat"}`)}
	class, err := v.Classify(&ev)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Engagement(&ev, class).Experience; got != 0.5 {
		t.Errorf("an experience of %v, want 0.5", got)
	}
}
