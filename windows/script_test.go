package windows

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// The scripts in testdata/script say in words what the windows do. `set` makes
// a set; `run` takes a line for each thing that happens and prints the rows:
//
//	event TIME CUSTOMER [VALUE]   an accepted event, of the total
//	type KEY TIME [VALUE]         an accepted event of a key without customers
//	group KEY WIDTH               this key and those after it are one row
//	advance TIME                  the clock goes on, rows come out
//	value LENGTH TIME             a row of the total as it stands now
//	snapshot                      the set goes on from its bytes
//
// Times and lengths are Go durations, counted from the epoch.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/script", func(t *testing.T, path string) {
		sc := &script{t: t, customers: map[string]uint32{}}

		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			sc.t = t

			switch d.Cmd {
			case "set":
				return sc.set(d)
			case "run":
				for line := range strings.Lines(d.Input) {
					sc.run(strings.Fields(line))
				}

				return sc.output()
			default:
				t.Fatalf("unknown command %q", d.Cmd)
				return ""
			}
		})
	})
}

type script struct {
	t         *testing.T
	subject   *subject
	customers map[string]uint32
	out       strings.Builder
}

func (sc *script) set(d *datadriven.TestData) string {
	c := Config{DistinctKeys: 1}

	for _, arg := range d.CmdArgs {
		switch arg.Key {
		case "lateness":
			c.Lateness = sc.millis(arg.Vals[0])
		case "skew":
			c.Skew = sc.millis(arg.Vals[0])
		case "lengths":
			for _, v := range arg.Vals {
				size, slide, _ := strings.Cut(v, "/")
				c.Lengths = append(c.Lengths, Length{Name: size, Size: sc.millis(size), Slide: sc.millis(slide)})
			}
		default:
			sc.t.Fatalf("unknown argument %q", arg.Key)
		}
	}

	sc.subject = newSubject(sc.t, c)

	return ""
}

func (sc *script) run(words []string) {
	switch words[0] {
	case "event":
		f := fact{t: sc.millis(words[1]), customer: sc.customer(words[2])}
		if len(words) > 3 {
			f.value = sc.number(words[3])
		}

		sc.subject.add(f)
	case "type":
		f := fact{key: Key(sc.number(words[1])), t: sc.millis(words[2])}
		if len(words) > 3 {
			f.value = sc.number(words[3])
		}

		sc.subject.add(f)
	case "group":
		sc.subject.declare(sc.t, group{Key(sc.number(words[1])), int(sc.number(words[2]))})
	case "advance":
		fmt.Fprintf(&sc.out, "at %s\n", words[1])

		for _, r := range sc.subject.advance(sc.millis(words[1])) {
			sc.print(r)
		}
	case "value":
		sc.value(words[1], sc.millis(words[2]))
	case "snapshot":
		sc.subject.reload(sc.t)
	default:
		sc.t.Fatalf("unknown line %q", words)
	}
}

func (sc *script) value(name string, end int64) {
	for i, l := range sc.subject.config.Lengths {
		if l.Name != name {
			continue
		}

		if r, ok := sc.subject.Value(i, 0, end); ok {
			sc.print(r)
		} else {
			sc.out.WriteString("no row\n")
		}
	}
}

func (sc *script) print(r Row) {
	l := sc.subject.config.Lengths[r.Length]
	w := l.Window(r.End)
	fmt.Fprintf(&sc.out, "%s [%s, %s) key %d: %d events, sum %d, %d customers\n",
		l.Name, short(w.Start), short(w.End), r.Key, r.Events, bigOf(r.Sum), r.Customers)
}

func (sc *script) output() string {
	defer sc.out.Reset()
	return sc.out.String()
}

func (sc *script) customer(name string) uint32 {
	n, ok := sc.customers[name]
	if !ok {
		n = uint32(len(sc.customers))
		sc.customers[name] = n
	}

	return n
}

func (sc *script) millis(text string) int64 {
	d, err := time.ParseDuration(text)
	if err != nil {
		sc.t.Fatal(err)
	}

	return d.Milliseconds()
}

func (sc *script) number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		sc.t.Fatal(err)
	}

	return n
}

// short writes a duration without its zero parts: 1h0m0s is 1h.
func short(ms int64) string {
	s := (time.Duration(ms) * time.Millisecond).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}

	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}

	return s
}
