package replay

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"ebb/pipeline/amount"
)

const orderLines = `name: lines
fields: {time: at, customer: who, type: what, id: line, currency: money, quantity: n, price: each}
group: order
numbers: {decimal: ","}
`

func lines(t *testing.T, mapping string) *Mapping {
	t.Helper()
	m, err := ParseMapping([]byte(mapping))
	if err != nil {
		t.Fatal(err)
	}

	return m
}

// grouped is all rows of a text as an import reads them.
func grouped(t *testing.T, m *Mapping, text string) ([]Row, *Plan) {
	t.Helper()
	plan, err := NewPlan(textSource("lines.csv", text), m, Options{Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}

	return readRows(t, m, text, ReadOptions{Digest: plan.Identity.Digest, Clock: plan.First, Timeline: plan.Timeline, Joins: plan.Joins, Groups: plan.Groups}), plan
}

func TestLinesOfAnOrderAreOneEvent(t *testing.T) {
	rows, plan := grouped(t, lines(t, orderLines), `at;who;what;line;order;money;n;each;sku
2025-03-01T10:00:00Z;ada;order.completed;1;A-1;EUR;2;"1,25";tea
2025-03-01T10:00:00Z;ben;order.completed;2;A-2;EUR;1;9;cup
2025-03-01T10:00:00Z;ada;order.completed;3;A-1;EUR;3;"0,10";sugar
2025-03-01T10:00:00Z;ada;order.completed;4;A-1;USD;1;5;milk
2025-03-01T10:00:00Z;ada;order.completed;5;A-1;EUR;two;5;cup
2025-03-01T10:00:00Z;ada;order.completed;6;;EUR;1;7;cup
2025-03-02T10:00:00Z;ada;order.completed;7;A-1;EUR;-1;"0,10";sugar
`)
	want := []string{
		`{"id":"1","time":"2025-03-01T10:00:00.000Z","customer":"ada","type":"order.completed","value":2.7,"currency":"EUR","properties":{"order":"A-1","n":"2","each":"1,25","sku":"tea"}}`,
		`{"id":"2","time":"2025-03-01T10:00:00.000Z","customer":"ben","type":"order.completed","value":9,"currency":"EUR","properties":{"order":"A-2","n":"1","each":"9","sku":"cup"}}`,
		`{"id":"4","time":"2025-03-01T10:00:00.000Z","customer":"ada","type":"order.completed","value":5,"currency":"USD","properties":{"order":"A-1","n":"1","each":"5","sku":"milk"}}`,
		`{"id":"5","time":"2025-03-01T10:00:00.000Z","customer":"ada","type":"order.completed","value":"two × 5","currency":"EUR","properties":{"order":"A-1","n":"two","each":"5","sku":"cup"}}`,
		`{"id":"6","time":"2025-03-01T10:00:00.000Z","customer":"ada","type":"order.completed","value":7,"currency":"EUR","properties":{"n":"1","each":"7","sku":"cup"}}`,
	}
	if len(rows) != len(want) {
		t.Fatalf("%d events, want %d", len(rows), len(want))
	}
	for i := range rows {
		if string(rows[i].Body) != want[i] {
			t.Errorf("event %d is\n%s, want\n%s", i, rows[i].Body, want[i])
		}
	}
	if err := rows[3].Problem; err == nil || !strings.Contains(err.Error(), `value is "two × 5", which is not a number`) {
		t.Errorf("what can't be multiplied: %v", err)
	}
	if said := strings.Join(plan.Words(), " "); !strings.Contains(said, "1 event is of several rows: 2 rows went into the first of theirs") {
		t.Errorf("it says %q", said)
	}
}

// Rows in any order, JSON or CSV, give one event for each group, of its first row, and
// worth as much in all as the rows alone are.
func TestGroupsAgreeWithAnOracle(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 2))
	for turn := range 20 {
		var text strings.Builder
		write := func(cells ...string) {
			t.Helper()
			w := csv.NewWriter(&text)
			if err := w.Write(cells); err != nil {
				t.Fatal(err)
			}
			w.Flush()
		}
		write("at", "who", "what", "line", "order", "money", "n", "each")
		type event struct {
			line int
			sum  *big.Int
		}
		want := map[string]*event{}
		var all []*event
		total := new(big.Int)
		for line := range 400 {
			n, each := random.IntN(9)-2, random.IntN(1_000_000_000)
			who, money, order := fmt.Sprint("c", random.IntN(5)), []string{"EUR", "USD"}[random.IntN(2)], []string{"", "x", "y", "NULL", "z", " z"}[random.IntN(6)]
			write(
				fmt.Sprintf("2025-03-%02dT10:00:00Z", 1+random.IntN(5)), who, "order.completed", fmt.Sprint(line), order, money,
				fmt.Sprint(n), fmt.Sprintf("%d.%06d", each/1_000_000, each%1_000_000),
			)
			value := new(big.Int).Mul(big.NewInt(int64(n)), big.NewInt(int64(each)))
			total.Add(total, value)
			key := who + "," + money + "," + strings.TrimSpace(order)
			if order == "" || order == "NULL" {
				key = fmt.Sprint(line)
			}
			if want[key] == nil {
				want[key] = &event{line, new(big.Int)}
				all = append(all, want[key])
			}
			want[key].sum.Add(want[key].sum, value)
		}
		m := lines(t, strings.Replace(orderLines, `numbers: {decimal: ","}`, []string{"", "time: {order: time}"}[turn%2], 1))
		rows, plan := grouped(t, m, text.String())
		if len(rows) != len(all) || plan.Groups.Merged != int64(400-len(all)) {
			t.Fatalf("%d events and %d rows merged; want %d events of 400 rows", len(rows), plan.Groups.Merged, len(all))
		}
		byLine := map[string]*big.Int{}
		for _, e := range all {
			byLine[fmt.Sprint(e.line)] = e.sum
		}
		for i := range rows {
			var got struct {
				ID    string
				Value json.Number
			}
			if err := json.Unmarshal(rows[i].Body, &got); err != nil || rows[i].Problem != nil {
				t.Fatal(err, rows[i].Problem)
			}
			value, ok := amount.Parse(got.Value.String())
			millionths := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(value.Hi), 64), new(big.Int).SetUint64(value.Lo))
			if !ok || byLine[got.ID] == nil || byLine[got.ID].Cmp(millionths) != 0 {
				t.Fatalf("line %s is worth %s, want %v millionths", got.ID, got.Value, byLine[got.ID])
			}
			total.Sub(total, millionths)
		}
		if total.Sign() != 0 {
			t.Errorf("%v millionths were lost", total)
		}
	}
}

// More groups than are kept leave rows alone, and say so.
func TestMoreGroupsThanAreKept(t *testing.T) {
	m := lines(t, orderLines)
	text := "at,who,what,line,order,money,n,each\n"
	for i := range 12 {
		text += fmt.Sprintf("2025-03-01T10:00:00Z,ada,order.completed,%d,o%d,EUR,1,1\n", i, i%4)
	}
	groups := newGroups(2)
	read := func(options ReadOptions) (n int) {
		r, err := NewReader(textSource("lines.csv", text), m, options)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for row := (Row{}); ; n++ {
			if err := r.Next(&row); errors.Is(err, io.EOF) {
				return n
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
	read(ReadOptions{grouping: groups})
	if n := read(ReadOptions{Groups: groups}); n != 2+6 || groups.Beyond != 6 {
		t.Errorf("%d events, %d rows beyond; want 8 and 6", n, groups.Beyond)
	}
	if said := strings.Join(groups.Words(), " "); !strings.Contains(said, "6 rows of others stand alone") {
		t.Errorf("it says %q", said)
	}
}

func TestMappingsOfGroupsThatCannotBe(t *testing.T) {
	for mapping, want := range map[string]string{
		"fields: {time: at, customer: who, type: what, quantity: n}":                             "name both, or value alone",
		"fields: {time: at, customer: who, type: what, quantity: n, price: each, value: total}":  "remove one or the other",
		"fields: {time: at, customer: who, type: what, group: order}":                            "write group: order beside fields",
		"fields: {time: at, customer: who, type: what}\nconstants: {group: x}":                   "one event of all rows",
		"format: native\ngroup: order":                                                           "use format ndjson",
		"fields: {time: at, customer: who, type: what, price: each}\nconstants: {quantity: two}": "write a number",
	} {
		if _, err := ParseMapping([]byte("name: m\n" + mapping)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", mapping, err, want)
		}
	}
	if _, err := ParseMapping([]byte("name: m\nfields: {time: at, customer: who, type: what, price: each}\nconstants: {quantity: 1}\ngroup: order")); err != nil {
		t.Error(err)
	}
}
