package shard

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"ebb/pipeline/event"
)

// maxLetterBytes is how much of a record a dead letter keeps. The server takes
// messages of 1 MiB, headers included, and a letter has more of these than the
// record had: without the bound, one record as large as the server allows
// could never be set aside, and its partition would stand still.
const maxLetterBytes = 1<<20 - 16<<10

// refuse makes a dead letter of a record: the stream goes on.
func (s *Shard) refuse(record *event.Record, err error) {
	s.counts.DeadLetters++
	s.out.addLetter(letterOf(record, &s.place, err))
}

// letterOf is a record's bytes as they are, with why and where in the headers.
func letterOf(record *event.Record, at *place, err error) Message {
	var refusal *event.Refusal
	if !errors.As(err, &refusal) {
		refusal = event.Refuse(event.ReasonMalformed, "event", nil, err.Error())
	}
	letter := Message{
		Subject: "deadletters." + refusal.Reason.String(),
		Header: map[string]string{
			event.HeaderReason:    refusal.Reason.String(),
			event.HeaderError:     refusal.Error(),
			event.HeaderSequence:  strconv.FormatUint(record.Sequence, 10),
			event.HeaderPartition: strconv.Itoa(record.Partition),
			event.HeaderClock:     strconv.FormatInt(cmp.Or(at.clock, record.Clock), 10),
		},
		Data: record.Data,
	}
	if record.Row > 0 {
		letter.Header[event.HeaderRow] = strconv.Itoa(record.Row)
		letter.Data = slices.Clone(record.Data) // the others need not be kept for it
	}
	if at.era != 0 {
		letter.Header[event.HeaderEra] = strconv.FormatInt(at.era, 10)
	}
	if record.Subject != "" {
		letter.Header[event.HeaderSubject] = record.Subject
	}
	if len(letter.Data) > maxLetterBytes {
		letter.Header[event.HeaderSize] = strconv.Itoa(len(letter.Data))
		letter.Data = letter.Data[:maxLetterBytes]
	}

	return letter
}

func (o *outputs) addLetter(letter Message) {
	o.bytes += len(letter.Data)
	o.letters = append(o.letters, letter)
}

// refusedBefore is what a source has said of an event that it could not read, else
// what the decoder says: to it, all of these lack their time.
func refusedBefore(record *event.Record, err error) error {
	if !errors.Is(err, event.ErrMissingTime) {
		return err
	}
	if refusal := event.ParseRefused(record.Data); refusal != nil {
		return refusal
	}

	return err
}

func refuseForged() *event.Refusal {
	return event.Refuse(event.ReasonForgedControl, "header", nil,
		"control and history records, and headers that begin with Ebb-, are ebb's alone; "+
			"send the event without such headers, to <prefix>.events.<token of the customer>")
}

func refuseImportOpen(id string) *event.Refusal {
	return event.Refuse(event.ReasonImportOpen, "import", []byte(id),
		"end the import with ebb replay --live, or go on with it by ebb replay FILE --resume, then requeue this event")
}

func refuseNoImport() *event.Refusal {
	return event.Refuse(event.ReasonUnreadableControl, "import", nil,
		"a history record came outside of an import; publish history with ebb replay")
}

func refuseUnclocked() *event.Refusal {
	return event.Refuse(event.ReasonUnreadableControl, event.HeaderClock, nil,
		"a history record needs its clock there, in Unix milliseconds; publish history with ebb replay")
}

func refuseRows(rows int) *event.Refusal {
	return event.Refuse(event.ReasonUnreadableControl, event.HeaderRows, []byte(strconv.Itoa(rows)), fmt.Sprintf(
		"the record does not hold so many rows of history, 1 to %d, each behind its clock; publish history with ebb replay", event.MaxRows))
}

func refuseToForgetByEvent(ev *event.Event) *event.Refusal {
	return event.Refuse(event.ReasonForgetDenied, "type", ev.Type, "forget the customer with ebb forget, or set forget.from_events to true")
}

func refuseMisrouted(customer []byte, got, home int) *event.Refusal {
	return event.Refuse(event.ReasonMisrouted, "customer", customer, fmt.Sprintf(
		"it came in partition %d and belongs to %d; publish to engagement.events.<token of the customer>", got, home))
}

func refuseTooFarAhead(at, clock, skew int64) *event.Refusal {
	return event.Refuse(event.ReasonTooFarAhead, "time", time.UnixMilli(at).UTC().AppendFormat(nil, time.RFC3339Nano), fmt.Sprintf(
		"it lies more than %v after the clock %s; set the producer's clock right",
		time.Duration(skew)*time.Millisecond, time.UnixMilli(clock).UTC().Format(time.RFC3339Nano)))
}

func refuseBeyondStore(record *event.Record, skew int64) *event.Refusal {
	return event.Refuse(event.ReasonTooFarAhead, event.HeaderClock, time.UnixMilli(record.Clock).UTC().AppendFormat(nil, time.RFC3339Nano), fmt.Sprintf(
		"it lies more than %v after the time %s at which the record was stored; correct the date in the file",
		time.Duration(skew)*time.Millisecond, time.UnixMilli(record.Stored).UTC().Format(time.RFC3339Nano)))
}

func refuseCustomerLimit(customer []byte, limit int) *event.Refusal {
	return event.Refuse(event.ReasonCustomerLimit, "customer", customer, fmt.Sprintf(
		"the partition has %d customers, as many as it may; check for ids that are made anew with every event, "+
			"or begin with more partitions", limit))
}

func refuseToForget(customer []byte, most int) *event.Refusal {
	return event.Refuse(event.ReasonCustomerLimit, "customer", customer, fmt.Sprintf(
		"the partition remembers %d who were forgotten, as many as it may; check who sends customer.forgotten, "+
			"or begin with more partitions", most))
}

func refuseUnreadableControl(field, value, remedy string) *event.Refusal {
	return event.Refuse(event.ReasonUnreadableControl, field, []byte(value), remedy)
}
