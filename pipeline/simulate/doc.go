// Package simulate makes up customers whose true state is known, so that a
// demonstration has something to show and a detector can be scored.
//
// It promises: the same Config gives the same bytes in the same order, however
// the end is moved; items come in order of arrival; a customer does nothing
// after the time at which Truth says they were lost; and the shares of
// garbage, duplicates and late events come out as configured. Every type of the
// default vocabulary occurs, and Facts says which rates were to come out. It holds
// one small record per customer and the items under way, never the whole stream.
//
// Customers visit with gaps of their own: gamma distributed, from irregular to
// clockwork, at their hours and on their weekdays, through the channels they
// like. Some fade before they leave and complain; others just stop. The
// company mails everybody weekly, in two arms, and some react; it sends offers,
// advertises, asks how content they are, and gives points. Who comes when, and is
// lost, is drawn from one source of chance, and all that surrounds it from a second
// one. None of them is modeled on a real person or business, and the losses follow no data: a detector that
// does well here may not do well elsewhere.
//
// It does not publish, and knows no clock: an Item says when it arrives, and
// the caller waits, or doesn't. Read simulator.go first, then person.go; visit.go is
// what customers do, mailing.go what the company does, facts.go what was told.
package simulate
