package shard

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"ebb/pipeline/metric"
	"ebb/pipeline/section"
	"ebb/windows/codec"
)

// columnsBody is a section of columns, each with the byte of its place everywhere.
func columnsBody(customers int, columns ...*metric.StateColumn) []byte {
	var w codec.Writer
	w.Uint(uint64(len(columns)))
	for i, c := range columns {
		w.Text(c.Name)
		w.Uint(uint64(c.Bytes))
		w.Uint(uint64(i))
		w.Int(int64(10 * i))
	}
	for range customers {
		for i, c := range columns {
			w.Raw(bytes.Repeat([]byte{byte(i + 1)}, c.Bytes))
		}
	}

	return w.Bytes()
}

// Columns come back by name and width: what is not known is dropped, what is missing
// or has another width begins anew, and says so, also in the next snapshot.
func TestColumnsComeBackByName(t *testing.T) {
	for name, c := range map[string]struct {
		written []*metric.StateColumn
		want    byte // everywhere in stage
		since   section.Since
	}{
		"the same":             {[]*metric.StateColumn{{Name: "stage", Bytes: 2}}, 1, section.Since{}},
		"behind others":        {[]*metric.StateColumn{{Name: "gone", Bytes: 3}, {Name: "stage", Bytes: 2}}, 2, section.Since{Sequence: 1, Clock: 10}},
		"before others":        {[]*metric.StateColumn{{Name: "stage", Bytes: 2}, {Name: "gone", Bytes: 7}}, 1, section.Since{}},
		"missing":              {[]*metric.StateColumn{{Name: "gone", Bytes: 2}}, 0, section.Since{Sequence: 6, Clock: 99}},
		"of another width":     {[]*metric.StateColumn{{Name: "stage", Bytes: 3}}, 0, section.Since{Sequence: 6, Clock: 99}},
		"no columns of before": {nil, 0, section.Since{Sequence: 6, Clock: 99}},
	} {
		t.Run(name, func(t *testing.T) {
			shard, _ := busyShard(t, 3, 2)
			for index := range shard.customers.Count {
				clear(shard.customers.Columns(index))
			}
			shard.sequence, shard.clock = 6, 99
			if err := readColumns(shard, columnsBody(3, c.written...)); err != nil {
				t.Fatal(err)
			}
			check := func(shard *Shard) {
				t.Helper()
				stage := shard.customers.kept.columns[0]
				for index := range shard.customers.Count {
					if got := stage.In(shard.customers.PeekColumns(index)); !bytes.Equal(got, []byte{c.want, c.want}) {
						t.Errorf("customer %d has %v, want %d everywhere", index, got, c.want)
					}
				}
				if got := shard.ColumnSince("stage"); got != c.since {
					t.Errorf("it tells since %+v, want %+v", got, c.since)
				}
			}
			check(shard)
			body := writeColumns(shard)(nil)
			again, _ := busyShard(t, 3, 2)
			if err := readColumns(again, body); err != nil {
				t.Fatal(err)
			}
			check(again)
		})
	}
}

// Bytes that are no columns are refused with a word.
func TestColumnsThatAreNoneAreRefused(t *testing.T) {
	stage := &metric.StateColumn{Name: "stage", Bytes: 2}
	good := columnsBody(3, stage)
	for want, body := range map[string][]byte{
		"stands twice":      columnsBody(3, stage, stage),
		"bytes are left of": good[:len(good)-1],
		"too many":          append(bytes.Clone(good), 0),
		"at most 256":       columnsBody(3, &metric.StateColumn{Name: "wide", Bytes: 257}),
		"nobody has":        columnsBody(4, stage),
	} {
		shard, _ := busyShard(t, 3, 2)
		if want == "nobody has" {
			shard.customers.LeaveFree()
		}
		if err := readColumns(shard, body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		} else if want != "nobody has" && !errors.Is(err, errBody) {
			t.Errorf("%v is none of errBody", err)
		}
	}
}
