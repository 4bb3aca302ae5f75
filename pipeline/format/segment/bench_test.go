package segment

import (
	"testing"

	"ebb/pipeline/event"
)

// BenchmarkDecode is the decoder alone; make bench holds it against sonic.
func BenchmarkDecode(b *testing.B) {
	data := []byte(whole)
	d, ev := NewDecoder(shop{}), event.Event{}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Decode(data, event.Origin{}, &ev); err != nil {
			b.Fatal(err)
		}
	}
}
