package shard

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"ebb/pipeline/section"
	"ebb/windows/codec"
)

// This is the worked example of how state changes from one version of the program
// to the next: a section gets a field, and there is a new section. The state lives
// beside the shard here; real state is a field of it.

// visits is what a section of the example holds.
type visits struct {
	count  uint64
	newest int64 // new in version 2: Unix ms; 0 where nobody knows
}

// plan is what the new section holds.
type plan struct{ name string }

// exampleParts are the sections of three versions of the program, from 1 on.
func exampleParts(program int, v *visits, p *plan) []part {
	writeFirst := func(_ *Shard, w *codec.Writer) { w.Uint(v.count) }
	readFirst := into(func(_ *Shard, r *codec.Reader) {
		*v = visits{count: r.Uint()} // a field of later has the value that it had when nobody had it
	})

	// Program 2 adds a field: it appends a reader, and writes what that reads.
	writeSecond := func(s *Shard, w *codec.Writer) {
		writeFirst(s, w)
		w.Int(v.newest)
	}
	readSecond := into(func(_ *Shard, r *codec.Reader) { *v = visits{count: r.Uint(), newest: r.Int()} })

	// Program 3 adds a section. It is optional, because no snapshot of before has it.
	added := part{
		name: "plan", optional: true,
		write: now(func(_ *Shard, w *codec.Writer) { w.Raw([]byte(p.name)) }),
		read: []reader{func(_ *restorer, body []byte) error {
			p.name = string(body)

			return nil
		}},
	}
	switch program {
	case 1:
		return append(parts(), part{name: "visits", write: now(writeFirst), read: []reader{readFirst}})
	case 2:
		return append(parts(), part{name: "visits", write: now(writeSecond), read: []reader{readFirst, readSecond}})
	default:
		return append(parts(), part{name: "visits", write: now(writeSecond), read: []reader{readFirst, readSecond}}, added)
	}
}

func TestHowASectionGetsAFieldAndThereIsANewOne(t *testing.T) {
	shard, end := busyShard(t, 10, 3)
	config := shard.config
	v, p := visits{count: 7}, plan{}
	first := capture(shard, exampleParts(1, &v, &p)).AppendBinary(nil)

	// Program 3 reads what program 1 wrote: the field has its first value, and the
	// section tells of the input from here on.
	v = visits{}
	shard, err := restoreParts(exampleParts(3, &v, &p), config, 0, first)
	if err != nil {
		t.Fatal(err)
	}
	from := section.Since{Sequence: shard.sequence, Clock: shard.clock}
	if v != (visits{count: 7}) || p.name != "" || shard.Lineage().Since("plan") != from || shard.Lineage().Since("visits") != (section.Since{}) {
		t.Errorf("%+v, plan %q since %+v, want it to begin at %+v", v, p.name, shard.Lineage().Since("plan"), from)
	}

	// It goes on, and its own snapshot says all of it, from when on, too.
	v.newest, p.name = 99, "gold"
	takeEvent(t, shard, shard.sequence+1, 3, end)
	third := capture(shard, exampleParts(3, &v, &p)).AppendBinary(nil)
	v, p = visits{}, plan{}
	shard, err = restoreParts(exampleParts(3, &v, &p), config, 0, third)
	if err != nil {
		t.Fatal(err)
	}
	if v != (visits{7, 99}) || p.name != "gold" || shard.Lineage().Since("plan") != from {
		t.Errorf("%+v, plan %q since %+v", v, p.name, shard.Lineage().Since("plan"))
	}
	if again := capture(shard, exampleParts(3, &v, &p)).AppendBinary(nil); !bytes.Equal(again, third) {
		t.Error("restored and written again, it has other bytes")
	}

	// Program 1 does not know version 2 of a section, and says so.
	if _, err := restoreParts(exampleParts(1, &v, &p), config, 0, third); !errors.Is(err, ErrNewer) {
		t.Errorf("the older program says %v", err)
	}

	// Program 2 knows it, but not the new section, which it keeps: back at program 3
	// the section is there as long as no record came meanwhile.
	shard, err = restoreParts(exampleParts(2, &v, &p), config, 0, third)
	if err != nil {
		t.Fatal(err)
	}
	second := capture(shard, exampleParts(2, &v, &p)).AppendBinary(nil)
	p = plan{}
	if shard, err = restoreParts(exampleParts(3, &v, &p), config, 0, second); err != nil || p.name != "gold" || shard.Lineage().Since("plan") != from {
		t.Errorf("%v: plan %q since %+v", err, p.name, shard.Lineage().Since("plan"))
	}

	// Where some came of which the section does not tell, it begins again: a figure
	// with a hole in it would be wrong, and nobody would know.
	shard, err = restoreParts(exampleParts(2, &v, &p), config, 0, third)
	if err != nil {
		t.Fatal(err)
	}
	takeEvent(t, shard, shard.sequence+1, 4, end)
	second = capture(shard, exampleParts(2, &v, &p)).AppendBinary(nil)
	p = plan{}
	if shard, err = restoreParts(exampleParts(3, &v, &p), config, 0, second); err != nil || p.name != "" || shard.Lineage().Since("plan").Sequence != shard.sequence {
		t.Errorf("%v: plan %q since %+v", err, p.name, shard.Lineage().Since("plan"))
	}
}

// The declared sections keep to the rules that the example shows.
func TestPartsAreDeclaredRight(t *testing.T) {
	var names []string
	for _, p := range parts() {
		if err := section.CheckName(p.name); err != nil || slices.Contains(names, p.name) || p.write == nil || len(p.read) == 0 {
			t.Errorf("section %q: %v, or it stands twice, or can't be written or read", p.name, err)
		}
		names = append(names, p.name)
	}
}
