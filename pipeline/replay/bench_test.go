package replay

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func BenchmarkReader(b *testing.B) {
	var rows, lines strings.Builder
	rows.WriteString("event_time,customer_id,event_type,engagement,value\n")
	for i := range 10_000 {
		fmt.Fprintf(&rows, "2004-10-19T%02d:%02d:%02d.000Z,%08d,purchase,active,%d.99\n", i/3600, i/60%60, i%60, i%500, i%90)
		fmt.Fprintf(&lines, `{"id":"%d","time":"2004-10-19T%02d:%02d:%02d.000Z","customer":"%08d","type":"order.completed","channel":"web","value":%d.99,"currency":"USD"}`+"\n",
			i, i/3600, i/60%60, i%60, i%500, i%90)
	}
	for _, test := range []struct{ mapping, text string }{{"cdnow", rows.String()}, {"native", lines.String()}} {
		b.Run(test.mapping, func(b *testing.B) {
			m := shippedMapping(b, test.mapping)
			source := textSource("bench", test.text)
			count := 0
			for b.Loop() {
				r, err := NewReader(source, m, ReadOptions{Digest: "0123456789abcdef"})
				if err != nil {
					b.Fatal(err)
				}
				var row Row
				for err == nil {
					err = r.Next(&row)
					count++
				}
				if !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
				count--
			}
			b.ReportMetric(float64(count)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
