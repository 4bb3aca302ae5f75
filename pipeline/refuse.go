package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// maxLetterBytes is how much of a record a dead letter keeps. The server takes
// messages of 1 MiB, headers included, and a letter has more of these than the
// record had: without the bound, one record as large as the server allows
// could never be set aside, and its partition would stand still.
const maxLetterBytes = 1<<20 - 16<<10

// refuse makes a dead letter of a record: its bytes as they are, with why and
// where in the headers. The stream goes on.
func (s *Shard) refuse(record *Record, err error) {
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		refusal = Refuse(ReasonMalformed, "event", nil, err.Error())
	}
	s.counts.DeadLetters++
	letter := Message{
		Subject: "deadletters." + refusal.Reason.String(),
		Header: map[string]string{
			HeaderReason:    refusal.Reason.String(),
			HeaderError:     refusal.Error(),
			HeaderSequence:  strconv.FormatUint(record.Sequence, 10),
			HeaderPartition: strconv.Itoa(record.Partition),
			HeaderClock:     strconv.FormatInt(cmp.Or(s.clock, record.Clock), 10),
		},
		Data: record.Data,
	}
	if record.Row > 0 {
		letter.Header[HeaderRow] = strconv.Itoa(record.Row)
		letter.Data = slices.Clone(record.Data) // the others need not be kept for it
	}
	if s.era != 0 {
		letter.Header[HeaderEra] = strconv.FormatInt(s.era, 10)
	}
	if record.Subject != "" {
		letter.Header[HeaderSubject] = record.Subject
	}
	if len(letter.Data) > maxLetterBytes {
		letter.Header[HeaderSize] = strconv.Itoa(len(letter.Data))
		letter.Data = letter.Data[:maxLetterBytes]
	}
	s.out.bytes += len(letter.Data)
	s.out.letters = append(s.out.letters, letter)
}

func refuseForged() *Refusal {
	return Refuse(ReasonForgedControl, "header", nil,
		"control and history records, and headers that begin with Ebb-, are ebb's alone; "+
			"send the event without such headers, to <prefix>.events.<token of the customer>")
}

func refuseImportOpen(id string) *Refusal {
	return Refuse(ReasonImportOpen, "import", []byte(id),
		"end the import with ebb replay FILE --resume or ebb replay --abort, then requeue this event")
}

func refuseNoImport() *Refusal {
	return Refuse(ReasonUnreadableControl, "import", nil,
		"a history record came outside of an import; publish history with ebb replay")
}

func refuseUnclocked() *Refusal {
	return Refuse(ReasonUnreadableControl, HeaderClock, nil,
		"a history record needs its clock there, in Unix milliseconds; publish history with ebb replay")
}

func refuseRows(rows int) *Refusal {
	return Refuse(ReasonUnreadableControl, HeaderRows, []byte(strconv.Itoa(rows)), fmt.Sprintf(
		"the record does not hold so many rows of history, 1 to %d, each behind its clock; publish history with ebb replay", MaxRows))
}

func refuseMisrouted(customer []byte, got, home int) *Refusal {
	return Refuse(ReasonMisrouted, "customer", customer, fmt.Sprintf(
		"it came in partition %d and belongs to %d; publish to engagement.events.<token of the customer>", got, home))
}

func refuseTooFarAhead(at, clock, skew int64) *Refusal {
	return Refuse(ReasonTooFarAhead, "time", time.UnixMilli(at).UTC().AppendFormat(nil, time.RFC3339Nano), fmt.Sprintf(
		"it lies more than %v after the clock %s; set the producer's clock right",
		time.Duration(skew)*time.Millisecond, time.UnixMilli(clock).UTC().Format(time.RFC3339Nano)))
}

func refuseBeyondStore(record *Record, skew int64) *Refusal {
	return Refuse(ReasonTooFarAhead, HeaderClock, time.UnixMilli(record.Clock).UTC().AppendFormat(nil, time.RFC3339Nano), fmt.Sprintf(
		"it lies more than %v after the time %s at which the record was stored; correct the date in the file",
		time.Duration(skew)*time.Millisecond, time.UnixMilli(record.Stored).UTC().Format(time.RFC3339Nano)))
}

func refuseCustomerLimit(customer []byte, limit int) *Refusal {
	return Refuse(ReasonCustomerLimit, "customer", customer, fmt.Sprintf(
		"the partition has %d customers, as many as it may; check for ids that are made anew with every event, "+
			"or begin with more partitions", limit))
}

func refuseUnreadableControl(field, value, remedy string) *Refusal {
	return Refuse(ReasonUnreadableControl, field, []byte(value), remedy)
}
