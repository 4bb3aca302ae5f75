package memory_test

import (
	"context"
	"fmt"

	"ebb/sinks"
	"ebb/sinks/memory"
)

// A correction has a higher version than the row that it corrects; writing the
// older one again, in whatever order, changes nothing.
func Example() {
	sink := memory.New()
	for _, message := range []string{
		`{"schema":1,"table":"rollups_total","partition":3,"version":10,"clock":60000,"windows":[{"window":"1m","end":60000,"rows":[[4,2]]}]}`,
		`{"schema":1,"table":"rollups_total","partition":3,"version":12,"clock":62000,"windows":[{"window":"1m","end":60000,"rows":[[5,3]]}]}`,
		`{"schema":1,"table":"rollups_total","partition":3,"version":10,"clock":60000,"windows":[{"window":"1m","end":60000,"rows":[[4,2]]}]}`,
	} {
		var batch sinks.Batch
		if err := batch.AddRollup([]byte(message)); err != nil {
			fmt.Println(err)
		}
		if err := sink.Write(context.Background(), &batch); err != nil {
			fmt.Println(err)
		}
	}
	for _, row := range sink.Rows().Rollups[sinks.Total] {
		fmt.Println(row.Window, row.End, row.Version, row.Events, row.Customers)
	}
	// Output: 1m 60000 12 5 3
}
