package shard

import (
	"ebb/pipeline/churn"
	"ebb/pipeline/wire"
)

// publishQuality publishes how the risks of a horizon ago compare with their
// outcomes, right after they were counted, so that a snapshot has none to keep.
// They go out at the next cut.
func (d *detector) publishQuality() {
	row := wire.QualityRow{
		Header:    d.at.header(wire.Quality),
		Time:      d.model.Step(d.at.clock) * d.model.Slot(),
		HorizonMS: d.model.Horizon(),
		Bins:      []wire.QualityBin{}, // a list also where it is empty
	}
	cooling, atRisk := d.model.Thresholds()
	row.CoolingAt, row.AtRiskAt = cooling.Risk(), atRisk.Risk()
	quality := d.sampler.Quality()
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
	if len(row.Bins) > 0 || d.customers.Len() > 0 {
		d.out.add(wire.Quality, d.at.partition, row)
	}
}
