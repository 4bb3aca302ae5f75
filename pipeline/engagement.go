package pipeline

import "ebb/pipeline/churn"

// Engagement is what the churn model takes of an event. What a machine did
// tells nothing of the customer; the model is not to hear of it.
func (v *Vocabulary) Engagement(event *Event, class Class) churn.Event {
	e := churn.Event{Time: event.Time, Channel: class.Channel, Qualifying: class.Qualifying, Contact: class.Contacts}
	if class.Machine {
		return e
	}
	e.Negative, e.Ends = class.Negative, class.Ends
	if event.Has(HasValue) && class.Money != MoneyNone {
		e.Value, e.Currency = class.Money.of(event.Value), churn.CurrencyOf(event.Currency)
	}
	if event.Has(HasScore) {
		e.Experience, e.Rated = v.types[class.Type].Scale.rate(event.Score)
	}
	if !e.Rated && event.Has(HasSentiment) {
		e.Experience, e.Rated = event.Sentiment, true
	}

	return e
}
