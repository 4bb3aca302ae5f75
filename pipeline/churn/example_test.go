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
	model, err := churn.NewModel(churn.Defaults().Fixed(0.6, 0.85))
	if err != nil {
		log.Fatal(err)
	}
	start := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)

	var customer churn.State
	for visit := range 12 {
		model.Observe(&customer, churn.Event{Time: start.AddDate(0, 0, 6*visit).UnixMilli(), Qualifying: true})
	}

	now := customer.Last()
	for range 2 {
		now = model.NextCrossing(&customer, now)
		change, _ := model.Evaluate(&customer, now)
		fmt.Printf("%s to %s, risk %.2f\n", change.From, change.To, change.Score.Risk())
	}
	for _, reason := range model.Reasons(&customer, customer.Last()+19*24*time.Hour.Milliseconds()) {
		fmt.Println(reason.Text)
	}
	// Output:
	// healthy to cooling, risk 0.60
	// cooling to at_risk, risk 0.85
	// came every six days or so, now silent for about three weeks
}

// A business of two hundred customers learns from what becomes of them.
func ExamplePrior_Learn() {
	model, err := churn.NewModel(churn.Defaults().Fixed(0.6, 0.85))
	if err != nil {
		log.Fatal(err)
	}
	customers := make([]churn.State, 200)
	state := func(customer uint32) *churn.State { return &customers[customer] }
	sampler := churn.NewSampler(model, 1)

	// Each comes every few days; every third one leaves on day 150.
	day := 24 * time.Hour.Milliseconds()
	now := int64(0)
	for ; now < 250*day; now += day {
		if sampler.Due(now) {
			sampler.Draw(model, now, uint32(len(customers)), state)
		}
		for i := range int64(len(customers)) {
			if (now/day+i)%(5+i%7) == 0 && (i%3 > 0 || now < 150*day) {
				model.Observe(&customers[i], churn.Event{Time: now, Qualifying: true})
				sampler.Observe(now)
			}
		}
	}

	// Every shard adds up its customers; the sums are merged in any order.
	var sum churn.Statistics
	for i := range customers {
		sum.Add(model, &customers[i], now)
	}
	before := model.Score(&customers[0], now)
	learned, ok := churn.ShippedPrior().Learn(*model.Parameters(), model.Step(now), sum, sampler.Report(model, now, state))
	fmt.Println(ok, learned.Version, model.SetParameters(learned))
	fmt.Println("the risk of one who left has grown:", model.Score(&customers[0], now) > before)
	// Output:
	// true 1 true
	// the risk of one who left has grown: true
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
