package shard

import (
	"ebb/pipeline/churn"
	"ebb/pipeline/wire"
)

// publishQuality publishes how the risks of a horizon ago compare with their
// outcomes, right after they were counted, so that a snapshot has none to keep.
// They go out at the next cut.
func (s *Shard) publishQuality() {
	row := wire.QualityRow{
		Header:    s.header(wire.Quality),
		Time:      s.model.Step(s.clock) * s.model.Slot(),
		HorizonMS: s.model.Horizon(),
	}
	cooling, atRisk := s.model.Thresholds()
	row.CoolingAt, row.AtRiskAt = cooling.Risk(), atRisk.Risk()
	quality := s.sampler.Quality()
	for segment := range quality {
		for bin, r := range quality[segment] {
			if r.Rows == 0 {
				continue
			}
			row.Bins = append(row.Bins, wire.QualityBin{
				Segment: churn.Segment(segment).String(), Bin: bin,
				Rows: r.Rows, RiskSum: r.Risk, Lost: r.Lost, BrierSum: r.SquaredError, Overlap: r.Overlap,
			})
		}
	}
	if len(row.Bins) > 0 || s.customers.Len() > 0 {
		s.out.add(wire.Quality, s.partition, row)
	}
}
