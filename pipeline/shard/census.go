package shard

import (
	"cmp"
	"slices"

	"ebb/pipeline/calendar"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/windows"
	"ebb/windows/codec"
)

// census counts the customers of the partition, once for every calendar day. A day is
// counted when the watermark reaches its end: no event can count for it any more.
// That is at a clock of its own, between two records: timers up to there have rung,
// and those behind it have not. So what is counted follows from the records alone,
// and where ticks come changes nothing.
type census struct {
	calendar calendar.Calendar
	begun    bool
	next     calendar.Day // to be counted next
	margin   float64      // see meaning.Config
	from     int64        // it is not due before this clock; 0: not known

	tables []*metric.Metric
	all    []*metric.Census
	on     []int // of all, those that are counted

	at        *place
	customers *people
	detector  *detector
	out       *outputs
}

// mostCensusDays bounds how many days are counted where the clock jumps over more: each
// costs a look at every customer. Logs of years have partitions to which nothing comes for
// months. Ten years are longer than any such gap, and than customers stay without an event
// by default: so whether a tick stands in it, and cuts it into shorter ones, changes nothing.
const mostCensusDays = 3660

func newCensus(config *meaning.Config) (census, error) {
	c := census{all: metric.Censuses()}
	for _, of := range c.all {
		c.tables = append(c.tables, of.Rows())
	}

	err := c.reconfigure(config)

	return c, err
}

// reconfigure goes on with another zone or lateness, or other metrics that are on. A day
// whose number was counted in the former zone, or passed while nothing was on, is not
// counted again.
func (c *census) reconfigure(config *meaning.Config) (err error) {
	c.calendar, err = calendar.New(config.Zone)
	c.margin = cmp.Or(config.Margin, 1)
	c.from = 0
	c.on = nil
	for i, of := range c.all {
		if slices.Contains(config.Metrics, of.Name) {
			c.on = append(c.on, i)
		}
	}

	return err
}

// due is the next day to be counted before the clock goes on to now, and at which
// clock.
func (c *census) due(now int64) (day calendar.Day, at int64, ok bool) {
	if now < c.from || now == 0 {
		return 0, 0, false
	}
	watermark := max(c.at.floor, windows.Watermark(now, c.at.lateness))
	today := c.calendar.Day(watermark)
	if !c.begun {
		c.begun, c.next = true, today
	}
	c.next = max(c.next, today-mostCensusDays)
	end := c.calendar.End(c.next)
	for end == c.calendar.End(c.next-1) { // the zone has left it out
		c.next++
		end = c.calendar.End(c.next)
	}
	if end > watermark {
		c.from = end + c.at.lateness

		return 0, 0, false
	}
	day = c.next
	c.next++

	return day, min(now, max(end+c.at.lateness, c.at.clock)), true
}

// take counts all customers for a day. A day without any has no rows: whether one is
// counted before the first customer comes depends on how long after its time an event
// arrives, which must not show.
func (c *census) take(day calendar.Day) {
	if len(c.on) == 0 {
		return
	}
	tallies := make([]*metric.Tally, len(c.all))
	for _, i := range c.on {
		tallies[i] = c.all[i].NewTally()
	}
	var index uint32
	somebody := false
	person := metric.Person{Day: day, Outlook: func() metric.Outlook { return c.outlook(index) }}
	for index = range c.customers.Count {
		if c.customers.Vacant(index) || c.customers.gone(index, c.at.clock) || c.customers.state(index).Joined() {
			continue
		}
		somebody = true
		who := c.customers.peekWho(index)
		person.Who, person.Seen, person.Engaged = who, who.Seen(), who.Engaged()
		person.Level = uint8(c.customers.state(index).Level())
		for _, i := range c.on {
			c.all[i].Counts(&person, tallies[i])
		}
	}
	if !somebody {
		return
	}
	for _, i := range c.on {
		c.publish(c.all[i], c.tables[i], tallies[i], day)
	}
}

// outlook is what the model expects of a customer. It rounds what it says, so that the
// sums are those of whole numbers.
func (c *census) outlook(index uint32) metric.Outlook {
	state, model := c.customers.state(index), c.detector.model
	o := metric.Outlook{Risk: uint16(model.Steady(state, c.at.clock)), Value: model.Value(state), Margin: c.margin, Horizon: model.Config().Horizon}
	copy(o.Currency[:], state.Currency().String())

	return o
}

// publish packs the rows of a census.
func (c *census) publish(of *metric.Census, table *metric.Metric, tally *metric.Tally, day calendar.Day) {
	p := dayPacker{of: table, header: c.at.header(table.Table())}
	var cells [metric.MaxSlots]cell
	for _, row := range tally.Rows() {
		for slot := range table.Width() {
			cells[slot].events, cells[slot].sum = row.Slot(slot)
		}
		appendCells(p.row(c.out, int64(day), of.Texts(row)), table, cells[:])
	}
	p.finish(c.out)
}

// write writes which day is next.
func (c *census) write(w *codec.Writer) {
	w.Bool(c.begun)
	w.Int(int64(c.next))
}

func (c *census) read(r *codec.Reader) {
	c.begun = r.Bool("whether a day was counted")
	c.next = calendar.Day(r.IntIn(-1, 1<<20, "day"))
}
