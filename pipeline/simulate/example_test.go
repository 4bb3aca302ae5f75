package simulate_test

import (
	"fmt"
	"log"
	"time"

	"ebb/pipeline/simulate"
)

// A shop's first 30 days, without anything that goes wrong on the way.
func Example() {
	config := simulate.Defaults(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))
	config.Customers = 100
	config.GarbageShare, config.DuplicateShare, config.LateShare = 0, 0, 0
	config.End = config.Start.AddDate(0, 0, 30)

	simulator, err := simulate.New(config)
	if err != nil {
		log.Fatal(err)
	}
	items := 0
	for {
		item, ok := simulator.Next()
		if !ok {
			break
		}
		if items == 0 {
			fmt.Println(item.Customer, string(item.Body))
		}
		items++
	}
	lost := 0
	for _, loss := range simulator.Truth() {
		if loss.LostAt != 0 {
			lost++
		}
	}
	fmt.Println(items, "items,", lost, "of", len(simulator.Truth()), "customers lost")
	// Output:
	// anonymous:a000073 {"id":"eycxgnb9h19pq","time":"2026-01-05T03:23:13.972Z","anonymous_id":"a000073","type":"product.searched","channel":"web","session":"s21-1","device":"d21-1","product":"p43"}
	// 4689 items, 16 of 115 customers lost
}
