package main

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// shopMapping names the columns of shopFile.
const shopMapping = "testdata/shop.yaml"

// shopRow is one event of a made-up shop.
type shopRow struct {
	at      time.Time
	known   time.Time // when it arrived: the clock
	columns [8]string // id, at, known_at, customer, visitor, type, channel, amount
	money   string    // the currency
}

// shopTypes are the types of the file: of the vocabulary, two of their aliases,
// one that a company sends, and one that nobody knows.
var shopTypes = []string{
	"page.viewed", "page.viewed", "page.viewed", "screen.viewed", "email.opened", "email.clicked", "Email Opened",
	"cart.added", "order.completed", "Order Completed", "survey.answered", "unsubscribed", "message.sent", "quiz.finished",
}

// shopCustomers need every way in which a customer becomes a subject: as they
// are, encoded, and by their anonymous id.
func shopCustomers(n int) []string {
	customers := []string{"zoë.ünal", "a b*c>d", "~tilde", "anonymous"}
	for len(customers) < n {
		customers = append(customers, fmt.Sprintf("customer-%03d", len(customers)))
	}

	return customers
}

// shopFile writes rows of ten days in the order of their arrival. One of five
// comes up to two hours after its time, one of a hundred later than the
// lateness, one of a hundred before its time by a wrong clock; one of fifty is
// there twice. Half of the customers stop half-way, so that signals are raised.
func shopFile(t *testing.T, rows int) string {
	t.Helper()
	random := rand.New(rand.NewPCG(1, uint64(rows)))
	customers := shopCustomers(60)
	begin := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
	span := 10 * 24 * time.Hour

	events := make([]shopRow, rows)
	for i := range events {
		at := begin.Add(time.Duration(random.Int64N(int64(span)))).Truncate(time.Millisecond)
		who := random.IntN(len(customers))
		if who%2 == 0 && at.Sub(begin) > span/2 {
			who++
		}
		events[i] = newShopRow(random, i, at, customers[who])
		if i > 0 && random.IntN(50) == 0 {
			events[i] = events[random.IntN(i)] // once more, right behind it
		}
	}
	slices.SortStableFunc(events, func(a, b shopRow) int { return a.known.Compare(b.known) })

	return writeShop(t, events)
}

func newShopRow(random *rand.Rand, number int, at time.Time, customer string) shopRow {
	known := at.Add(time.Duration(random.Int64N(int64(2 * time.Second))))
	switch random.IntN(100) {
	case 0:
		known = at.Add(2*time.Hour + time.Duration(1+random.Int64N(int64(6*time.Hour))))
	case 1:
		known = at.Add(-time.Duration(random.Int64N(int64(5 * time.Minute))))
	case 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21:
		known = at.Add(time.Duration(random.Int64N(int64(2 * time.Hour))))
	}
	known = known.Truncate(time.Millisecond)
	row := shopRow{at: at, known: known}
	row.columns = [8]string{
		"event-" + strconv.Itoa(number), at.Format(time.RFC3339Nano), known.Format(time.RFC3339Nano), customer, "",
		shopTypes[random.IntN(len(shopTypes))], []string{"", "", "", "web", "app", "kiosk"}[random.IntN(6)], "",
	}
	if customer == "anonymous" {
		row.columns[3], row.columns[4] = "", "visitor-"+strconv.Itoa(random.IntN(3))
	}
	switch customer { // who are visitors too
	case "a b*c>d":
		row.columns[4] = "visitor-1"
	case "~tilde", "zoë.ünal":
		row.columns[4] = "visitor-2"
	}
	if kind := row.columns[5]; kind == "order.completed" || kind == "Order Completed" {
		row.columns[7] = strconv.FormatFloat(float64(random.IntN(2_000_000)-100_000)/1000, 'f', 3, 64)
		row.money = []string{"EUR", "USD", "JPY", ""}[random.IntN(4)]
	}

	return row
}

func writeShop(t *testing.T, events []shopRow) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(file)
	if err := w.Write([]string{"id", "at", "known_at", "customer", "visitor", "type", "channel", "amount", "currency"}); err != nil {
		t.Fatal(err)
	}
	for _, event := range events {
		if err := w.Write(append(event.columns[:], event.money)); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}

	return path
}
