package forget

import (
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
)

// Finder tells whose events are: of one that can be read the customer, of others all
// that they may call it, see Mentions. It belongs to one goroutine.
type Finder struct {
	decoder *native.Decoder
	event   event.Event
}

// NewFinder takes events of any size.
func NewFinder() *Finder { return &Finder{decoder: native.NewDecoder(0)} }

// Of says whether is holds for whom an event names. read is the event, good until the
// next call; nil where it can't be read.
func (f *Finder) Of(body []byte, is func(id string) bool) (read *event.Event, found bool) {
	if f.decoder.Decode(body, &f.event) != nil {
		return nil, Mentions(body, is)
	}

	return &f.event, is(string(f.event.Customer))
}
