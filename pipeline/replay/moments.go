package replay

// moment reads one of the row's times, Unix ms and not shifted. A local time
// that exists twice is the one that the timeline knows.
func (r *Reader) moment(f field, row *Row) (ms int64, ok bool, doubt Doubt) {
	read := r.times.read(r.draft.text[f])
	if r.scan != nil && (f == fieldTime || f == fieldArrival) {
		read = r.scan.turn(f, row.Number, read)
	}
	switch {
	case read.state == skippedTime:
		return 0, false, Nowhere
	case read.state == twiceTime && r.timeline != nil && (f == fieldTime || f == fieldArrival):
		if ms, ok := resolve(r.timeline.overlaps[f], row.Number, read); ok {
			return ms, true, Believed
		}

		return 0, false, Unclear
	}

	return read.ms, read.state != noTime, Believed
}

// doubtful is the error of a time that can't be believed.
func (r *Reader) doubtful(f field, doubt Doubt) error {
	return &cellError{f, r.draft.text[f], doubt.reason(), doubt.remedy()}
}

// follow reads what the record around the event needs: its times and its clock.
func (r *Reader) follow(row *Row) {
	var clock int64
	var known bool
	var doubt Doubt
	row.Time, row.Timed, doubt = r.moment(fieldTime, row)
	doubted := fieldTime
	clock, known = row.Time, row.Timed
	if r.arrival {
		var late Doubt
		clock, known, late = r.moment(fieldArrival, row)
		if !known && late == Believed && len(r.draft.text[fieldArrival]) > 0 {
			r.report(row, r.notTime(fieldArrival))
		}
		if late != Believed {
			doubt, doubted = late, fieldArrival
		}
	}
	if r.scan != nil && known {
		r.scan.add(row.Number, clock, row.Time, row.Timed)
	}
	if r.timeline != nil && doubt == Believed {
		if doubt = r.judge(row, clock, known, &doubted); doubt != Believed {
			known = false
		}
	}
	if doubt != Believed {
		row.Doubt, row.Timed = doubt, false
		r.report(row, r.doubtful(doubted, doubt))
	}
	if known {
		r.key = clock
		r.clock = max(r.clock, clock+r.options.ShiftMS)
	}
	if row.Timed {
		row.Time += r.options.ShiftMS
	}
	row.key = r.key
}

// judge asks the timeline whether the row's clock and time can be believed.
func (r *Reader) judge(row *Row, clock int64, known bool, doubted *field) Doubt {
	if known {
		if doubt := r.timeline.clock(row.Number, clock, &r.cursor); doubt != Believed {
			if r.arrival {
				*doubted = fieldArrival
			}

			return doubt
		}
	}
	if row.Timed {
		*doubted = fieldTime

		return r.timeline.time(row.Time)
	}

	return Believed
}

// appendDoubt appends a time that can't be believed: a text that makes the
// event a dead letter and says why.
func (r *Reader) appendDoubt(body []byte, doubt Doubt) []byte {
	r.doubt = append(r.doubt[:0], r.draft.text[fieldTime]...)
	r.doubt = append(r.doubt, " ("...)
	if arrival := r.draft.text[fieldArrival]; r.arrival && len(arrival) > 0 {
		r.doubt = append(append(append(r.doubt, "with the arrival "...), arrival...), ": "...)
	}
	r.doubt = append(append(r.doubt, doubt.reason()...), ')')

	return appendString(body, r.doubt)
}
