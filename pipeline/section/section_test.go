package section_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/section"

	"pgregory.net/rapid"
)

func write(sections []section.Section) []byte {
	data := section.Begin(nil)
	for _, s := range sections {
		data = section.AppendAny(data, s.Head, func(dst []byte) []byte { return append(dst, s.Body...) })
	}

	return section.End(data, len(sections))
}

func head(name string, version int) section.Head { return section.Head{Name: name, Version: version} }

func someSections() []section.Section {
	return []section.Section{
		{Head: section.Head{Name: "customers", Version: 3, At: 900}, Body: bytes.Repeat([]byte("someone "), 20)},
		{Head: section.Head{Name: "a-new_1", Version: 1, Since: section.Since{Sequence: 7, Clock: -3}, At: 12}, Body: []byte{1}},
		{Head: head("empty", 65536), Body: nil},
	}
}

// A section that nobody could read back is not written.
func TestSectionsHaveNames(t *testing.T) {
	for _, name := range []string{"", "Customers", "cust omers", "käufer", strings.Repeat("x", 65)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a section called %q was written", name)
				}
			}()
			section.Append(nil, head(name, 1), func(dst []byte) []byte { return dst })
		}()
	}
}

func TestSectionsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9_-]{1,64}`), 0, 8, rapid.ID[string]).Draw(t, "names")
		var want []section.Section
		for _, name := range names {
			if section.CheckName(name) != nil {
				continue
			}
			want = append(want, section.Section{
				Head: section.Head{
					Name: name, Version: rapid.IntRange(1, 1<<16).Draw(t, "version"), At: rapid.Uint64().Draw(t, "at"),
					Since: section.Since{Sequence: rapid.Uint64().Draw(t, "since"), Clock: rapid.Int64().Draw(t, "clock")},
				},
				Body: rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(t, "body"),
			})
		}
		got, err := section.Parse(write(want))
		if err != nil {
			t.Fatal(err)
		}
		same := func(a, b section.Section) bool { return a.Head == b.Head && bytes.Equal(a.Body, b.Body) }
		if !slices.EqualFunc(got, want, same) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

// Every cut and every flipped bit is an error, and it names the section where
// one stands there.
func TestDamageIsFoundAndNamed(t *testing.T) {
	sections := someSections()
	good := write(sections)
	ends := []int{len(section.Begin(nil))}
	for i := range sections {
		ends = append(ends, len(write(sections[:i+1]))-len(write(nil))+ends[0])
	}
	for at := range good {
		where := slices.IndexFunc(ends, func(end int) bool { return at < end })
		check := func(what string, data []byte, name string) {
			t.Helper()
			_, err := section.Parse(data)
			if !errors.Is(err, section.ErrDamaged) || errors.Is(err, section.ErrNewer) {
				t.Fatalf("%s: %v, want ErrDamaged", what, err)
			}
			if name != "" && !strings.Contains(err.Error(), fmt.Sprintf("%q", name)) {
				t.Fatalf("%s: %v, want the name %q", what, err, name)
			}
		}
		// The name itself may be what is wrong; then the one before is named.
		name, before := "", ""
		switch {
		case where > 0:
			name = sections[where-1].Name
			if where > 1 {
				before = sections[where-2].Name
			}
		case where < 0:
			before = sections[len(sections)-1].Name
		}
		inName := where > 0 && at <= ends[where-1]+len(name) || where < 0
		if inName {
			name = before
		}
		check(fmt.Sprint("cut at ", at), good[:at], name)
		for bit := range 8 {
			flipped := bytes.Clone(good)
			flipped[at] ^= 1 << bit
			check(fmt.Sprintf("bit %d of byte %d", bit, at), flipped, name)
		}
	}
	if _, err := section.Parse(append(bytes.Clone(good), 0)); !errors.Is(err, section.ErrDamaged) || !strings.Contains(err.Error(), `"empty"`) {
		t.Errorf("with a byte behind the end: %v", err)
	}
}

func TestSectionsThatCannotBe(t *testing.T) {
	for what, sections := range map[string][]section.Section{
		"stands twice":      {{Head: head("a", 1)}, {Head: head("a", 2)}},
		"has no version":    {{Head: head("a", 0)}},
		"can't be called":   {{Head: head("A", 1)}},
		"at most 64 can":    {{Head: head(strings.Repeat("a", 65), 1)}},
		"version 65537":     {{Head: head("a", 1<<16+1)}},
		`can't be called "`: {{Head: head("", 1)}},
	} {
		if _, err := section.Parse(write(sections)); !errors.Is(err, section.ErrDamaged) || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want %q", err, what)
		}
	}
	short := section.Begin(nil)
	short = section.Append(short, head("a", 1), func(dst []byte) []byte { return dst })
	if _, err := section.Parse(section.End(short, 2)); !errors.Is(err, section.ErrDamaged) || !strings.Contains(err.Error(), "there were 2") {
		t.Errorf("with a section taken out: %v", err)
	}
}

// A newer format is told from a damaged one.
func TestANewerFormatIsNamed(t *testing.T) {
	newer := write(nil)
	for format := section.Format + 1; format < section.Format+20; format++ {
		data := section.Begin(nil)
		data = section.Reseal(append(data, newer[len(data):]...), byte(format))
		_, err := section.Parse(data)
		if !errors.Is(err, section.ErrNewer) || !strings.Contains(err.Error(), fmt.Sprintf("format %d, and this ebb reads format %d", format, section.Format)) {
			t.Errorf("format %d: %v", format, err)
		}
	}
	if _, err := section.Parse(section.Reseal(write(nil), section.Format-1)); !errors.Is(err, section.ErrDamaged) {
		t.Errorf("an older format in the new layout: %v", err)
	}
}

func TestVersions(t *testing.T) {
	v := section.VersionsOf([]section.Head{head("a", 1), head("b", 12)})
	if v != "6 a.1 b.12" || v.Format() != 6 {
		t.Errorf("versions are %q, of format %d", v, v.Format())
	}
	for _, can := range []map[string]int{{"a": 1, "b": 12}, {"a": 9, "b": 13, "c": 1}, {"b": 12}, {}} {
		if err := v.Check(can); err != nil {
			t.Errorf("%v: %v", can, err)
		}
	}
	if err := v.Check(map[string]int{"a": 1, "b": 11}); !errors.Is(err, section.ErrNewer) ||
		!strings.Contains(err.Error(), `section "b" is of version 12, and this ebb reads version 11 and older; run the ebb that wrote it`) {
		t.Errorf("got %v", err)
	}
	if err := section.Versions("7 a.1").Check(nil); !errors.Is(err, section.ErrNewer) {
		t.Errorf("got %v", err)
	}
	for _, odd := range []section.Versions{"", "x", "5", "6 a", "6 a.x", "6 .1", "6  a.1"} {
		if err := odd.Check(map[string]int{"a": 1}); err != nil {
			t.Errorf("%q: %v", odd, err)
		}
	}
}

// Bytes that say that they are long take no memory for it.
func TestLengthsAskForNoMemory(t *testing.T) {
	data := write([]section.Section{{Head: head("a", 1), Body: make([]byte, 100)}})
	at := len(section.Begin(nil)) + len("\x01a") + 4 // name, version, since, at
	for i := range 8 {
		data[at+i] = 0xff
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := section.Parse(data)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, section.ErrDamaged) || !strings.Contains(err.Error(), `section "a", the first is cut: `) {
		t.Errorf("got %v", err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<10 {
		t.Errorf("it took %d bytes", took)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(write(someSections()))
	f.Add(write(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		sections, err := section.Parse(data)
		if err != nil {
			return
		}
		if again := write(sections); !bytes.Equal(again, data) {
			t.Fatalf("%x became %x", data, again)
		}
	})
}
