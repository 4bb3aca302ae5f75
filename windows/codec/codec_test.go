package codec_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"ebb/windows/codec"
)

var errTest = errors.New("not a test")

// everything appends one of each.
func everything(w *codec.Writer) {
	w.Byte(7)
	w.Bool(true)
	w.Bool(false)
	w.Uint(0)
	w.Uint(1 << 63)
	w.Int(-300)
	w.Int(math.MinInt64)
	w.Fixed16(65000)
	w.Fixed32(4_000_000_000)
	w.Fixed64(math.MaxUint64)
	w.Float32(-0.5)
	w.Float64(math.Inf(1))
	w.Blob([]byte{1, 2, 3})
	w.Text("ein Wort")
	w.Text("")
	w.Raw([]byte{9, 9})
	w.Uint(12)
	w.Uint(3)
}

func readEverything(r *codec.Reader) []any {
	return []any{
		r.Byte(), r.Bool("yes"), r.Bool("no"), r.Uint(), r.Uint(), r.Int(), r.Int(), r.Fixed16(), r.Fixed32(), r.Fixed64(),
		r.Float32(), r.Float64(), string(r.Blob()), r.Text(), r.Text(), string(r.Take(2)), r.UintTo(12, "twelve"), r.Next(4, 7, "step"),
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	w := codec.To([]byte("before"))
	everything(&w)
	r := codec.From(bytes.TrimPrefix(w.Bytes(), []byte("before")), errTest)
	want := []any{
		byte(7), true, false, uint64(0), uint64(1 << 63), int64(-300), int64(math.MinInt64), uint16(65000), uint32(4_000_000_000), uint64(math.MaxUint64),
		float32(-0.5), math.Inf(1), "\x01\x02\x03", "ein Wort", "", "\x09\x09", uint64(12), int64(7),
	}
	for i, got := range readEverything(&r) {
		if got != want[i] {
			t.Errorf("value %d is %v, want %v", i, got, want[i])
		}
	}
	if err := r.End(); err != nil {
		t.Error(err)
	}
}

// A block gives the same numbers.
func TestBlocksAreReadAlike(t *testing.T) {
	var w codec.Writer
	w.Byte(7)
	w.Fixed16(65000)
	w.Fixed32(4_000_000_000)
	w.Fixed64(math.MaxUint64)
	w.Float32(-0.5)
	b := codec.Block(w.Bytes())
	if b.Byte() != 7 || b.Fixed16() != 65000 || b.Fixed32() != 4_000_000_000 || b.Fixed64() != math.MaxUint64 || b.Float32() != -0.5 || len(b) != 0 {
		t.Error("a block gives other numbers than were written")
	}
}

// Cut anywhere there is one error, which stays, and zeros behind it.
func TestCutBytesAreAnError(t *testing.T) {
	var w codec.Writer
	everything(&w)
	for n := range len(w.Bytes()) {
		r := codec.From(w.Bytes()[:n], errTest)
		readEverything(&r)
		first := r.Err()
		if !errors.Is(first, errTest) {
			t.Fatalf("cut at %d: %v", n, first)
		}
		if r.Byte() != 0 || r.Uint() != 0 || r.Take(1) != nil || r.Text() != "" || r.Len() != 0 || r.Count(1, "things") != 0 {
			t.Fatalf("cut at %d: something was read behind the error", n)
		}
		if last := r.End(); !errors.Is(last, first) {
			t.Fatalf("cut at %d: the error became %v", n, last)
		}
	}
}

func TestReadersSayWhatIsWrong(t *testing.T) {
	for want, read := range map[string]struct {
		bytes []byte
		read  func(*codec.Reader)
	}{
		"shortest form":                {[]byte{0x80, 0}, func(r *codec.Reader) { r.Uint() }},
		"overlong number":              {bytes.Repeat([]byte{0xff}, 11), func(r *codec.Reader) { r.Uint() }},
		"1 bytes too many":             {[]byte{0}, func(*codec.Reader) {}},
		"yes is 2, it can be 0 or 1":   {[]byte{2}, func(r *codec.Reader) { r.Bool("yes") }},
		"age 9, at most 8 can be":      {[]byte{9}, func(r *codec.Reader) { r.UintTo(8, "age") }},
		"hour -1 lies outside 0 to 23": {[]byte{1}, func(r *codec.Reader) { r.IntIn(0, 23, "hour") }},
		"things 3, at most 2 can be":   {[]byte{3, 0, 0, 0, 0}, func(r *codec.Reader) { r.Count(2, "things") }},
		"step 0 from 4 passes 9":       {[]byte{0}, func(r *codec.Reader) { r.Next(4, 9, "place") }},
		"step 6 from 4 passes 9":       {[]byte{6}, func(r *codec.Reader) { r.Next(4, 9, "place") }},
		"0 bytes are left of 8":        {nil, func(r *codec.Reader) { r.Fixed64() }},
	} {
		r := codec.From(read.bytes, errTest)
		read.read(&r)
		if err := r.End(); !errors.Is(err, errTest) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// Whatever the bytes, reading ends, and nothing takes more than they are long.
func FuzzReader(f *testing.F) {
	var w codec.Writer
	everything(&w)
	f.Add(w.Bytes())
	f.Fuzz(func(t *testing.T, src []byte) {
		r := codec.From(src, errTest)
		n := r.Count(3, "blobs")
		if n > len(src)/3 {
			t.Fatalf("%d things of 3 bytes in %d", n, len(src))
		}
		for r.Err() == nil && r.Len() > 0 {
			before := r.Len()
			if len(r.Blob()) > before {
				t.Fatal("more was read than there is")
			}
			r.Int()
		}
	})
}
