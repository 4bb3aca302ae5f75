package shard

import "ebb/pipeline/wire"

// figures publishes what a partition knows of itself.
type figures struct {
	minute int64 // of the clock, of the last rows

	at       *place
	counts   *Counts
	detector *detector
	out      *outputs
}

// publish publishes the population by level and the pipeline's own
// figures, once for every minute of the clock that has a cut.
func (f *figures) publish() {
	now := f.at.clock / minute
	if now == f.minute || f.at.sequence == 0 {
		return
	}
	f.minute = now
	f.out.add(wire.Levels, f.at.partition, wire.LevelsRow{
		Header:  f.at.header(wire.Levels),
		Time:    now * minute,
		Healthy: f.detector.levels[0],
		Cooling: f.detector.levels[1],
		AtRisk:  f.detector.levels[2],
		Lapsed:  f.detector.levels[3],
		Left:    int64(f.counts.Left + f.counts.RoomMade),
	})
	f.out.add(wire.Pipeline, f.at.partition, wire.PipelineRow{
		Header:      f.at.header(wire.Pipeline),
		Time:        now * minute,
		Watermark:   f.at.watermark(),
		Sequence:    f.at.sequence,
		Processed:   f.counts.Processed,
		Duplicates:  f.counts.Duplicates,
		DeadLetters: f.counts.DeadLetters,
		LateDropped: f.counts.LateDropped,
	})
}
