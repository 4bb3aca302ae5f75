package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"time"
)

// historySpan is over how much time the rows of a history are spread.
const historySpan = 90 * 24 * time.Hour

// historyTypes are those of the rows, as a shop has them, with their shares in
// hundredths.
var historyTypes = []struct {
	name  string
	share int
	value bool
}{
	{"page.viewed", 55, false}, {"product.viewed", 15, false}, {"cart.added", 10, true}, {"order.completed", 6, true},
	{"email.opened", 7, false}, {"email.clicked", 3, false}, {"message.sent", 3, false}, {"case.opened", 1, false},
}

// writeHistory writes a CSV file of so many rows, sorted by time, of customers
// some of whom come often and most seldom. The same arguments give the same
// file.
func writeHistory(path string, rows, customers int, begin time.Time) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(7, uint64(rows)))
	times := make([]int64, rows)
	for i := range times {
		day := random.Int64N(historySpan.Milliseconds()/dayMS) * dayMS
		hour := (random.Float64() + random.Float64() + random.Float64()) / 3 // most of it by day
		times[i] = begin.UnixMilli() + day + int64(hour*float64(dayMS))
	}
	slices.Sort(times)

	out := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprintln(out, "event_time,customer_id,event_type,value,currency")
	line := make([]byte, 0, 128)
	for _, at := range times {
		who := int(float64(customers) * random.Float64() * random.Float64())
		kind := historyType(random.IntN(100))
		line = time.UnixMilli(at).UTC().AppendFormat(line[:0], "2006-01-02T15:04:05.000Z")
		line = append(line, ",c"...)
		line = strconv.AppendInt(line, int64(who), 10)
		line = append(append(append(line, ','), historyTypes[kind].name...), ',')
		if historyTypes[kind].value {
			line = strconv.AppendInt(line, 5+random.Int64N(200), 10)
			line = append(line, ".90,EUR"...)
		} else {
			line = append(line, ',')
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}

	return file.Close()
}

const dayMS = 24 * 60 * 60 * 1000

func historyType(hundredth int) int {
	for i := range historyTypes {
		if hundredth -= historyTypes[i].share; hundredth < 0 {
			return i
		}
	}

	return 0
}
