package vocabulary

import (
	"ebb/pipeline/churn"
	"ebb/pipeline/event"
)

// Engagement is what the churn model takes of an event. What a machine did
// tells nothing of the customer; the model is not to hear of it.
func (v *Vocabulary) Engagement(ev *event.Event, class Class) churn.Event {
	e := churn.Event{Time: ev.Time, Channel: class.Channel, Qualifying: class.Qualifying, Contact: class.Contacts}
	if class.Machine {
		return e
	}
	e.Negative, e.Ends = class.Negative, class.Ends
	e.Ours = class.Kind == Exposure
	e.Reaction = !e.Negative && !e.Contact && (class.Kind == Passive || class.Kind == Micro) &&
		noticeBy(v.ChannelNames[class.Channel]) != churn.Looked
	v.say(&e, class)
	if ev.Has(event.HasValue) && class.Money != MoneyNone {
		e.Value, e.Currency = class.Money.of(ev.Value), churn.CurrencyOf(ev.Currency)
	}
	e.Experience, e.Scored, e.Rated = v.Experience(ev, class)

	return e
}

// Experience is how good the customer says it was, from -1 to 1, by a score where its
// type has a scale, else by a sentiment; rated is false where the event says neither.
func (v *Vocabulary) Experience(ev *event.Event, class Class) (experience float64, scored, rated bool) {
	if ev.Has(event.HasScore) {
		if experience, scored = v.scaleOf(&v.types[class.Type], ev.Properties).rate(ev.Score); scored {
			return experience, true, true
		}
	}
	if ev.Has(event.HasSentiment) {
		return ev.Sentiment, false, true
	}

	return 0, false, false
}

// say adds what reasons say of an event, which no risk depends on.
func (v *Vocabulary) say(e *churn.Event, class Class) {
	name := v.types[class.Type].Name
	switch {
	case class.Negative:
		e.Trouble = troubleOf(name, class.Ends)
	case class.Kind == Passive && !class.Qualifying:
		e.Notice = noticeBy(v.ChannelNames[class.Channel])
	}
	e.Settles = name == "case.resolved"
}

// troubleOf is what a negative type is.
func troubleOf(name string, ends bool) churn.Trouble {
	switch name {
	case "case.opened":
		return churn.Complaint
	case "payment.failed":
		return churn.Payment
	case "unsubscribed", "opted_out", "spam_reported":
		return churn.Unsubscribed
	case "order.returned":
		return churn.SentBack
	}
	if ends {
		return churn.Quit
	}

	return churn.OtherTrouble
}

// noticeBy is what one takes notice of in a channel: of a message, or of what
// there is to see.
func noticeBy(channel string) churn.Notice {
	switch channel {
	case "email":
		return churn.OpenedMail
	case "sms", "whatsapp", "rcs", "push":
		return churn.ReadMessage
	}

	return churn.Looked
}
