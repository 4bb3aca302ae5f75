package replay

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"ebb/pipeline/event"
)

// event turns the draft into a native event.
func (r *Reader) event(row *Row) {
	d := &r.draft
	r.clean(d)
	r.multiply()
	r.follow(row)
	r.join(row)
	for f := range fieldCount {
		if len(d.text[f]) == 0 && (f != fieldCurrency || len(d.text[fieldValue]) > 0) {
			d.text[f], d.number[f] = r.constants[f], true
		}
	}
	row.OwnID, row.ID = len(d.text[fieldID]) > 0, d.text[fieldID]
	row.HasAmount = len(d.text[fieldValue]) > 0
	if to, ok := r.types[string(d.text[fieldType])]; ok {
		d.text[fieldType] = to
	}
	r.who(row)
	if r.timesOnly {
		return
	}
	r.write(row)
	if r.group(row) {
		r.write(row)
	}
}

// write writes the row's event.
func (r *Reader) write(row *Row) {
	d := &r.draft
	body := append(r.scratch[:0], '{')
	body = r.appendID(body, row)
	for f := fieldTime; f < fieldProperties; f++ {
		if len(d.text[f]) == 0 {
			continue
		}
		body = append(append(append(body, ",\""...), f.String()...), "\":"...)
		if f.kind() == kindTime {
			body = r.appendMoment(body, f, row)

			continue
		}
		var err error
		if body, err = d.appendField(body, f); err != nil {
			r.report(row, err)
		}
	}
	body = r.appendProperties(body, row)
	r.scratch = append(body, '}')
	r.finish(row, r.scratch)
}

// who reads whose event it is, and of which type.
func (r *Reader) who(row *Row) {
	d := &r.draft
	row.Type, row.Kind = d.text[fieldType], d.text[fieldTypeKind]
	row.Customer = d.text[fieldCustomer]
	if len(row.Customer) == 0 && len(d.text[fieldAnonymousID]) > 0 {
		r.customer = append(append(r.customer[:0], event.AnonymousPrefix...), d.text[fieldAnonymousID]...)
		row.Customer = r.customer
	}
}

func (r *Reader) notTime(f field) error {
	remedy := "name the format of the file in the mapping under time.formats"
	if unit := unitOf(r.draft.text[f]); unit != "" {
		remedy = "as " + unit + " it would be of our time; " + remedy
	}

	return &cellError{f, r.draft.text[f], "not a time of 1970 to 2200 in the format " + r.times.names(), remedy}
}

// unitOf guesses in which unit a number counts; "" where it is no number or
// the unit can't be told. The units are a factor of 1,000 apart, and all times
// from 1971 to 2200 less than that.
func unitOf(text []byte) string {
	text = bytes.TrimSpace(text)
	for digits := 0; digits <= 9; digits += 3 {
		if ms, ok := parseUnix(text, digits); ok && ms >= settled && ms <= event.MaxTime {
			return timeFormat{digits: digits}.String()
		}
	}

	return ""
}

// appendID appends the first member of the event.
func (r *Reader) appendID(body []byte, row *Row) []byte {
	body = append(body, `"id":`...)
	if row.OwnID {
		var err error
		if body, err = r.draft.appendField(body, fieldID); err != nil {
			r.report(row, err)
		}

		return body
	}

	return r.appendRowID(body, row)
}

// appendRowID appends the id of a row that has none: it is the same in every
// import of the same bytes, and another for every row.
func (r *Reader) appendRowID(body []byte, row *Row) []byte {
	body = append(append(append(body, '"'), r.options.Digest...), '-')

	return append(strconv.AppendInt(body, row.Number, 10), '"')
}

// appendMoment appends time or received_at. One that can't be read is passed
// on as it is and makes the event a dead letter.
func (r *Reader) appendMoment(body []byte, f field, row *Row) []byte {
	ms, ok := row.Time-r.options.ShiftMS, row.Timed
	if f == fieldTime && row.Doubt != Believed {
		return r.appendDoubt(body, row.Doubt)
	}
	if f != fieldTime {
		ms, ok = r.times.parse(r.draft.text[f])
	}
	if !ok {
		r.report(row, r.notTime(f))

		return appendString(body, r.draft.text[f])
	}

	return append(appendTime(append(body, '"'), ms+r.options.ShiftMS), '"')
}

func (r *Reader) appendProperties(body []byte, row *Row) []byte {
	d := &r.draft
	if len(d.text[fieldProperties]) > 0 {
		var err error
		if body, err = d.appendField(append(body, `,"properties":`...), fieldProperties); err != nil {
			r.report(row, err)
		}

		return body
	}
	if len(d.properties) == 0 {
		return body
	}
	if !utf8.Valid(d.properties) {
		r.report(row, errors.New("a column of the properties is not UTF-8; "+toUTF8))
	}
	body = append(body, `,"properties":{`...)
	body = append(body, d.properties[:len(d.properties)-1]...) // without the last comma

	return append(body, '}')
}

// finish checks what every row needs, by the verdicts of the shards.
func (r *Reader) finish(row *Row, body []byte) {
	d := &r.draft
	row.Mapped = true
	for _, f := range []field{fieldTime, fieldType} {
		if len(d.text[f]) == 0 {
			r.report(row, &cellError{f, nil, "empty", "every event needs a " + f.String() + r.foreign(body)})
		}
	}
	if len(row.Customer) == 0 {
		reason := "empty"
		if len(r.nobody) > 0 {
			reason = "a word for nobody (nulls of the mapping)"
		}
		r.report(row, &cellError{fieldCustomer, r.nobody, reason, "every event needs a customer or an anonymous_id" + r.unnamedID() + r.foreign(body)})
	}
	if len(body) > event.MaxEventBytes {
		r.report(row, fmt.Errorf("the event has %d bytes, the limit is %d; leave columns out with ignore or rest: drop",
			len(body), event.MaxEventBytes))
	}
	row.Body = r.keep(body)
}
