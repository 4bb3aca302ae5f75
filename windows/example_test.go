package windows_test

import (
	"fmt"
	"time"

	"ebb/windows"
)

// A shard counts events by key as they are accepted, and takes the rows at its
// cuts.
func Example() {
	const (
		total windows.Key = iota
		email
	)

	config := windows.Config{
		Lengths:      []windows.Length{{Name: "5m", Size: 300_000, Slide: 60_000}},
		Lateness:     600_000,
		Skew:         300_000,
		DistinctKeys: 1, // total counts customers, email does not
	}

	set, err := windows.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}

	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC).UnixMilli()
	customers := make([]windows.Activity, 2)

	// Customer 0 comes twice, customer 1 once.
	for i, customer := range []uint32{0, 1, 0} {
		t := noon + int64(i)*10_000
		set.Add(total, t, 1_500_000)
		set.Add(email, t, 1_500_000)
		set.Touch(total, customer, &customers[customer], t)
	}

	set.Advance(noon+60_000, func(r windows.Row) {
		span := config.Lengths[r.Length].Window(r.End)
		fmt.Printf("key %d, %s to %s: %d events, sum %.1f, %d customers\n", r.Key,
			time.UnixMilli(span.Start).UTC().Format("15:04"), time.UnixMilli(span.End).UTC().Format("15:04"),
			r.Events, float64(r.Sum.Lo)/1e6, r.Customers)
	})
	// Output:
	// key 0, 11:56 to 12:01: 3 events, sum 4.5, 2 customers
	// key 1, 11:56 to 12:01: 3 events, sum 4.5, 0 customers
}

// The duplicate ring comes after the judgement of lateness.
func ExampleRing() {
	const lateness = 600_000

	ring, err := windows.NewRing(windows.RingConfig{Lateness: lateness})
	if err != nil {
		fmt.Println(err)
		return
	}

	clock := int64(1_000_000)
	id := [2]uint64{0x5D1F9A3C, 0x77E02B46}

	for _, t := range []int64{990_000, 990_000, 300_000} {
		fmt.Println(windows.Late(t, clock, lateness) || ring.Seen(id, t))
	}
	// Output:
	// false
	// true
	// true
}
