package simulate

import (
	"fmt"
	"time"
)

// Config says what to simulate. The same Config gives the same items.
type Config struct {
	Seed      uint64
	Customers int       // at Start
	Start     time.Time // of the first visits
	End       time.Time // of the arrivals; Until moves it

	JoinsPerDay float64       // new customers; 0: as many as leave
	MedianGap   time.Duration // between visits of the median customer
	MeanStay    time.Duration // from a customer's first visit to the loss
	OneTimers   float64       // share of new customers who are lost after their first visit

	// Shares of all items, 0 to 0.5 together.
	GarbageShare   float64 // what cannot be accepted as an event
	DuplicateShare float64 // exact copies of earlier items

	// LateShare is the share of events that arrive more than Lateness after
	// their time, 0 to 0.5. Of the others, most arrive within seconds.
	LateShare float64
	Lateness  time.Duration
}

// Defaults are 5,000 customers of a shop who come about every week, simulated
// for 90 days from start.
func Defaults(start time.Time) Config {
	return Config{
		Seed:           1,
		Customers:      5000,
		Start:          start,
		End:            start.AddDate(0, 0, 90),
		MedianGap:      7 * 24 * time.Hour,
		MeanStay:       270 * 24 * time.Hour,
		OneTimers:      0.15,
		GarbageShare:   0.002,
		DuplicateShare: 0.005,
		LateShare:      0.002,
		Lateness:       10 * time.Minute,
	}
}

// maxCustomers bounds the memory of a simulation to a few hundred megabytes.
const maxCustomers = 2_000_000

// Validate names the first field that can't work, its value and the remedy.
func (c Config) Validate() error {
	switch {
	case c.Customers < 1 || c.Customers > maxCustomers:
		return fmt.Errorf("simulate: customers is %d; set it from 1 to %d", c.Customers, maxCustomers)
	case c.Start.Year() < 1971 || c.Start.Year() > 2190:
		return fmt.Errorf("simulate: start is %v; set it between the years 1971 and 2190", c.Start)
	case c.End.Before(c.Start) || c.End.Year() > 2190:
		return fmt.Errorf("simulate: end is %v; set it after start, which is %v, and before 2190", c.End, c.Start)
	case !(c.JoinsPerDay >= 0 && c.JoinsPerDay <= maxCustomers):
		return fmt.Errorf("simulate: joins per day is %v; set it from 0 to %d", c.JoinsPerDay, maxCustomers)
	case c.MedianGap < time.Minute || c.MedianGap > 3650*24*time.Hour:
		return fmt.Errorf("simulate: median gap is %v; set it from a minute to ten years", c.MedianGap)
	case c.MeanStay < time.Hour || c.MeanStay > 36500*24*time.Hour:
		return fmt.Errorf("simulate: mean stay is %v; set it from an hour to a hundred years", c.MeanStay)
	case !(c.OneTimers >= 0 && c.OneTimers <= 1):
		return fmt.Errorf("simulate: one-timers is %v; set a share from 0 to 1", c.OneTimers)
	}

	return c.validateDelivery()
}

func (c Config) validateDelivery() error {
	share := func(v float64) bool { return v >= 0 && v <= 0.5 }
	switch {
	case !share(c.GarbageShare) || !share(c.DuplicateShare) || !share(c.GarbageShare+c.DuplicateShare):
		return fmt.Errorf("simulate: garbage share is %v and duplicate share %v; set them from 0 to 0.5 together", c.GarbageShare, c.DuplicateShare)
	case !share(c.LateShare):
		return fmt.Errorf("simulate: late share is %v; set it from 0 to 0.5", c.LateShare)
	case c.Lateness < time.Minute || c.Lateness > 30*24*time.Hour:
		return fmt.Errorf("simulate: lateness is %v; set it from a minute to 30 days", c.Lateness)
	}

	return nil
}
