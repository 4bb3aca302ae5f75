package pipeline

import "ebb/pipeline/churn"

// Engagement is what the churn model takes of an event. What a machine did
// tells nothing but that something was heard.
func (v *Vocabulary) Engagement(event *Event, class Class) churn.Event {
	e := churn.Event{Time: event.Time, Channel: class.Channel, Qualifying: class.Qualifying, Contact: class.Contacts}
	if event.Machine {
		return e
	}
	e.Negative, e.Ends = class.Negative, class.Ends
	if event.Has(HasValue) {
		e.Value = event.Value.Units()
	}
	if event.Has(HasScore) {
		e.Experience, e.Rated = v.types[class.Type].Scale.rate(event.Score)
	}
	if !e.Rated && event.Has(HasSentiment) {
		e.Experience, e.Rated = event.Sentiment, true
	}

	return e
}
