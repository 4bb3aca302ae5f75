package sinks

import "unsafe"

// Weigher adds up about how many bytes the rows of a batch take in memory while it
// grows. The zero value has weighed nothing.
type Weigher struct {
	rollups, series       [RollupTables]int // weighed so far
	metrics, metricSeries []int             // by metric
	bytes                 int
}

// rowBytes is what a row weighs, without its strings: those of rollups are few, and
// shared.
const rowBytes = int(unsafe.Sizeof(Rollup{}))

// Weigh weighs what was added to the batch since it was last asked, and says what
// all of it weighs. A series has a few numbers for each of its windows: many
// thousands of them are still one row of the batch.
func (w *Weigher) Weigh(b *Batch) int {
	for i := range b.Rollups {
		w.bytes += rowBytes * (len(b.Rollups[i]) - w.rollups[i])
		w.rollups[i] = len(b.Rollups[i])
		for ; w.series[i] < len(b.Series[i]); w.series[i]++ {
			s := &b.Series[i][w.series[i]]
			w.bytes += int(unsafe.Sizeof(*s)) + 8*(len(s.Steps)+len(s.Events)+len(s.Customers)+2*len(s.Values))
		}
	}

	w.weighMetrics(b)

	return w.bytes
}

func (w *Weigher) weighMetrics(b *Batch) {
	w.metrics = append(w.metrics, make([]int, max(0, len(b.Metrics)-len(w.metrics)))...)
	w.metricSeries = append(w.metricSeries, make([]int, max(0, len(b.MetricSeries)-len(w.metricSeries)))...)
	for i := range b.Metrics {
		rows := &b.Metrics[i]
		row := 16 + 8 + 2 + 3*8 + 16*(len(rows.By)+len(rows.Measures))
		w.bytes += row * (rows.Len() - w.metrics[i])
		w.metrics[i] = rows.Len()
	}
	for i := range b.MetricSeries {
		for ; w.metricSeries[i] < len(b.MetricSeries[i]); w.metricSeries[i]++ {
			s := &b.MetricSeries[i][w.metricSeries[i]]
			w.bytes += int(unsafe.Sizeof(*s)) + 16*len(s.By) + 8*len(s.Steps)
			for m := range s.Measures {
				w.bytes += int(unsafe.Sizeof(s.Measures[m])) + 8*(len(s.Measures[m].Counts)+2*len(s.Measures[m].Sums))
			}
		}
	}
}
