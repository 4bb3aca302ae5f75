package sinks

// Beginning says from which window end on an era covers the windows of a
// length.
type Beginning struct {
	Era    int64 // Unix ms; when the input stream was made
	Window string
	Since  int64 // Unix ms; the least end of a window of the era
}

// Beginnings are the least window ends of the batch, by era and length, in no
// particular order. An era covers a window if a window of the same length and
// era ends with it or before; what is no window it covers from the least end of
// all on.
func (b *Batch) Beginnings() []Beginning {
	var found []Beginning
	last := -1 // the one that the row before had: rows come in runs
	note := func(era int64, window string, end int64) {
		if last < 0 || found[last].Era != era || found[last].Window != window {
			last = place(&found, Beginning{era, window, end})
		}
		found[last].Since = min(found[last].Since, end)
	}
	for i := range b.Rollups {
		for j := range b.Rollups[i] {
			row := &b.Rollups[i][j]
			note(row.Era, row.Window, row.End)
		}
		for j := range b.Series[i] {
			series := &b.Series[i][j]
			note(series.Era, series.Window, series.End)
		}
	}

	return found
}

func place(found *[]Beginning, begins Beginning) int {
	for i, b := range *found {
		if b.Era == begins.Era && b.Window == begins.Window {
			return i
		}
	}
	*found = append(*found, begins)

	return len(*found) - 1
}

// NewestEra is the newest era of the rows, 0 where none has any.
func (b *Batch) NewestEra() int64 {
	var newest int64
	for i := range b.Rollups {
		for j := range b.Rollups[i] {
			newest = max(newest, b.Rollups[i][j].Era)
		}
		for j := range b.Series[i] {
			newest = max(newest, b.Series[i][j].Era)
		}
	}
	for i := range b.Pipeline {
		newest = max(newest, b.Pipeline[i].Era)
	}
	for i := range b.Signals {
		newest = max(newest, b.Signals[i].Era)
	}
	for i := range b.DeadLetters {
		newest = max(newest, b.DeadLetters[i].Era)
	}

	return newest
}
