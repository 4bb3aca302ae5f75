package trial

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ebb/deploy/local"
)

// left makes a folder as a demo leaves it, with these tables and views.
func left(t *testing.T, statements ...string) string {
	t.Helper()
	dir := t.TempDir()
	server, err := local.StartClickHouse(local.ClickHouseConfig{Dir: filepath.Join(dir, "clickhouse")})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{server.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range append([]string{"CREATE DATABASE " + database}, statements...) {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}

	return dir
}

// Rows in another order, at other places and kept otherwise are the same; a row
// less, a value changed, and a row that is there twice are not.
func TestCompare(t *testing.T) {
	const (
		plain  = "CREATE VIEW ebb.valid_rollups AS SELECT * FROM values('k String, n Int64, version UInt64, era UInt64, m Map(String, Int64)', "
		figure = "CREATE VIEW ebb.v_figure AS SELECT arrayReduce('sum', %) AS figure"
		gone   = "CREATE VIEW ebb.v_gone AS SELECT 1 AS it"
	)
	a := left(t,
		plain+"('a', 1, 7, 1, map('x', 1, 'y', 2)), ('b', 2, 8, 1, map()), ('c', 3, 9, 1, map()))",
		strings.Replace(figure, "%", "[0.1, 0.2, 0.3]", 1),
		"CREATE VIEW ebb.valid_twice AS SELECT * FROM values('k String', 'a', 'a', 'b')",
		"CREATE VIEW ebb.valid_more AS SELECT 1 AS old, 'x' AS new",
		"CREATE VIEW ebb.v_new AS SELECT 1 AS it")
	b := left(t,
		"CREATE VIEW ebb.valid_rollups AS SELECT * FROM values('k LowCardinality(String), n Decimal(76, 0), version UInt64, era UInt64, m Map(String, Int64)', ('c', 4, 1, 5, map()), ('a', 1, 2, 5, map('y', 2, 'x', 1)), ('d', 2, 3, 5, map()))",
		strings.Replace(figure, "%", "[0.3, 0.2, 0.1]", 1),
		"CREATE VIEW ebb.valid_twice AS SELECT * FROM values('k String', 'a', 'b', 'b')",
		"CREATE VIEW ebb.valid_more AS SELECT 1 AS old",
		gone)

	same := func(views []Comparison) (names []string) {
		for i := range views {
			if views[i].Same() {
				names = append(names, views[i].View)
			}
		}

		return names
	}
	views, err := Compare(t.Context(), a, a)
	if err != nil {
		t.Fatal(err)
	}
	if found := same(views); len(found) != 5 {
		t.Errorf("of a folder and itself %v are the same, want all five views", found)
	}

	views, err = Compare(t.Context(), a, b)
	if err != nil {
		t.Fatal(err)
	}
	// The figures differ in their last digit, which is that of the order of the sum.
	if found, want := same(views), []string{"v_figure", "v_new", "valid_more"}; !slices.Equal(found, want) {
		t.Errorf("the same are %v, want %v", found, want)
	}
	for _, want := range []Comparison{
		{View: "valid_rollups", Rows: 3, Others: 3, Only: 2, Missing: 2, Columns: []string{"k", "n"}, Examples: []string{"k b; m {}; n 2", "k c; m {}; n 3"}, Absent: []string{"k c; m {}; n 4", "k d; m {}; n 2"}},
		{View: "valid_twice", Rows: 3, Others: 3, Only: 1, Missing: 1, Columns: []string{"k"}, Examples: []string{"k a"}, Absent: []string{"k b"}},
		{View: "v_gone", Lost: []string{"it"}},
		{View: "valid_more", Rows: 1, Others: 1, New: []string{"new"}},
	} {
		i := slices.IndexFunc(views, func(c Comparison) bool { return c.View == want.View })
		if i < 0 {
			t.Errorf("%s is not compared", want.View)
		} else if got := views[i].String(); got != want.String() || !slices.Equal(views[i].New, want.New) {
			t.Errorf("%s, new %v\nwant %s, new %v", got, views[i].New, &want, want.New)
		}
	}
}

func TestApart(t *testing.T) {
	for _, test := range []struct{ a, b, onlyA, onlyB []uint64 }{
		{nil, nil, nil, nil},
		{[]uint64{1, 2}, nil, []uint64{1, 2}, nil},
		{nil, []uint64{1, 2}, nil, []uint64{1, 2}},
		{[]uint64{1, 1, 3}, []uint64{1, 2, 3, 3}, []uint64{1}, []uint64{2, 3}},
	} {
		if a, b := apart(test.a, test.b); !slices.Equal(a, test.onlyA) || !slices.Equal(b, test.onlyB) {
			t.Errorf("apart(%v, %v) is %v and %v, want %v and %v", test.a, test.b, a, b, test.onlyA, test.onlyB)
		}
	}
}
