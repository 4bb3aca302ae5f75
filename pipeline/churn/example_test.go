package churn_test

import (
	"fmt"
	"log"
	"time"

	"ebb/pipeline/churn"
)

// A customer comes every six days and then stays away. One timer tells when
// to look again; nothing has to be scanned.
func Example() {
	model, err := churn.NewModel(churn.Defaults())
	if err != nil {
		log.Fatal(err)
	}
	start := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)

	var customer churn.State
	for visit := range 12 {
		model.Observe(&customer, start.AddDate(0, 0, 6*visit).UnixMilli(), true)
	}

	now := customer.Last()
	for range 2 {
		now = model.NextCrossing(&customer, now)
		change, _ := model.Evaluate(&customer, now)
		silent := time.Duration(now-customer.Last()) * time.Millisecond
		fmt.Printf("%s to %s after %.0f days, risk %.2f\n", change.From, change.To, silent.Hours()/24, change.Score.Risk())
	}
	fmt.Println(model.Reasons(&customer, now)[0].Text)
	// Output:
	// healthy to cooling after 28 days, risk 0.50
	// cooling to at_risk after 37 days, risk 0.70
	// usually every 6 days, silent for 37 days
}

func ExampleFit() {
	model, err := churn.NewModel(churn.Defaults())
	if err != nil {
		log.Fatal(err)
	}
	// Every shard adds up its customers; the sums are merged in any order.
	var sum churn.Statistics
	for i := range int64(100) {
		var customer churn.State
		for day := i % 10; day < 120; day += 5 + i%7 {
			model.Observe(&customer, day*24*time.Hour.Milliseconds(), true)
		}
		sum.Add(model, &customer, 120*24*time.Hour.Milliseconds())
	}
	population, ok := churn.Fit(sum)
	population.Version = 1
	fmt.Printf("%v: %.1f visits a horizon\n", ok, population.Shape/population.Rate)
	fmt.Println(model.SetPopulation(population))
	// Output:
	// true: 4.0 visits a horizon
	// true
}

func ExampleTimers() {
	timers := churn.NewTimers()
	timers.Schedule(7, 3000)
	timers.Schedule(3, 1000)
	timers.Schedule(7, 2000) // moves the customer's one timer

	for {
		customer, at, ok := timers.Due(5000)
		if !ok {
			break
		}
		fmt.Println(customer, at)
	}
	// Output:
	// 3 1000
	// 7 2000
}
