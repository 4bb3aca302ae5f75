package parquettext_test

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"ebb/pipeline/replay/parquettext"
)

func read(t *testing.T, file []byte) ([][]string, error) {
	t.Helper()
	r, err := parquettext.New(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	defer r.Close()

	return csv.NewReader(r).ReadAll()
}

// Files of other writers: of pyarrow in two row groups, packed with zstd, and of DuckDB,
// packed with snappy.
func TestFilesOfOtherWriters(t *testing.T) {
	for file, want := range map[string]string{
		"pyarrow.parquet": `
event_time|customer_id|event_type|value|currency|tags|context.page.url|day|ok|ratio
2026-03-01T09:00:00.123Z|ada|order.completed|12.30|EUR|["a","b"]|https://x.example/|2026-03-01|true|0.1
2026-03-02T10:00:00Z|ben|page.viewed|||||2026-03-01|false|
2026-03-03T11:00:00Z|zoë, "z"|order.completed|-0.05|EUR|||2026-03-01||1e+300`,
		"duckdb.parquet": `
event_time|customer_id|event_type|value|currency|u|nums|small|day
2026-03-01T09:00:00.5|c0|order.completed|0.0000|EUR|123e4567-e89b-12d3-a456-426614174000|[0,1]|0|2026-03-01
2026-03-01T10:00:00.5|c1|order.completed|1.1000|EUR|123e4567-e89b-12d3-a456-426614174000|[1,2]|1|2026-03-02
2026-03-01T11:00:00.5|c2|order.completed|2.2000|EUR|123e4567-e89b-12d3-a456-426614174000|[2,3]|2|2026-03-03
2026-03-01T12:00:00.5|c3|order.completed|3.3000|EUR|123e4567-e89b-12d3-a456-426614174000|[3,4]|3|2026-03-04`,
	} {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := read(t, data)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, row := range rows {
			got.WriteString("\n" + strings.Join(row, "|"))
		}
		if got.String() != want {
			t.Errorf("%s is%s\nwant%s", file, got.String(), want)
		}
	}
}

// written is a row of every kind of value that is written in a way of its own.
type written struct {
	Flag    bool      `parquet:"flag"`
	Small   int32     `parquet:"small"`
	Large   *int64    `parquet:"large,optional"`
	Natural uint64    `parquet:"natural"`
	Single  float32   `parquet:"single"`
	Double  float64   `parquet:"double"`
	Text    *string   `parquet:"text,optional"`
	Price   int64     `parquet:"price,decimal(3:18)"`
	Milli   time.Time `parquet:"milli,timestamp(millisecond)"`
	Nano    time.Time `parquet:"nano,timestamp(nanosecond)"`
	Day     int32     `parquet:"day,date"`
	Names   []string  `parquet:"names,list"`
	Deep    struct {
		Count int32 `parquet:"count"`
	} `parquet:"deep"`
}

// cells are what a row should be, made without the reader's code.
func (w *written) cells() []string {
	optional := func(set bool, text func() string) string {
		if !set {
			return ""
		}

		return text()
	}
	names := ""
	if len(w.Names) > 0 {
		quoted := make([]string, len(w.Names))
		for i, name := range w.Names {
			quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(name) + `"`
		}
		names = "[" + strings.Join(quoted, ",") + "]"
	}
	sign, price := "", w.Price
	if price < 0 {
		sign, price = "-", -price
	}
	number := func(f float64, bits int) string {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return ""
		}

		return strconv.FormatFloat(f, 'g', -1, bits)
	}

	return []string{
		fmt.Sprint(w.Flag), fmt.Sprint(w.Small), optional(w.Large != nil, func() string { return fmt.Sprint(*w.Large) }), fmt.Sprint(w.Natural),
		number(float64(w.Single), 32), number(w.Double, 64), optional(w.Text != nil, func() string { return *w.Text }),
		fmt.Sprintf("%s%d.%03d", sign, price/1000, price%1000),
		w.Milli.UTC().Format("2006-01-02T15:04:05.999Z07:00"), w.Nano.UTC().Format(time.RFC3339Nano),
		time.Unix(0, 0).UTC().AddDate(0, 0, int(w.Day)).Format(time.DateOnly), names, fmt.Sprint(w.Deep.Count),
	}
}

func TestEveryValueIsWhatItWas(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	texts := []string{"", "plain", "a,b", `say "hi"`, "two\nlines", "tab\t;|", "zoë", "NULL", " blank "}
	rows := make([]written, 1500)
	want := [][]string{{"flag", "small", "large", "natural", "single", "double", "text", "price", "milli", "nano", "day", "names", "deep.count"}}
	for i := range rows {
		w := &rows[i]
		w.Flag, w.Small, w.Natural = random.IntN(2) == 0, int32(random.Uint32()), random.Uint64()
		w.Single, w.Double = random.Float32()*1e20, random.NormFloat64()*1e-9
		if random.IntN(9) == 0 {
			w.Double = []float64{math.NaN(), math.Inf(1), 0, -0.5}[random.IntN(4)]
		}
		if random.IntN(2) == 0 {
			n := int64(random.Uint64())
			w.Large = &n
		}
		if random.IntN(3) > 0 {
			w.Text = &texts[random.IntN(len(texts))]
		}
		w.Price = random.Int64N(2_000_000_000) - 1_000_000_000
		w.Milli = time.UnixMilli(random.Int64N(1 << 41)).UTC()
		w.Nano = time.Unix(random.Int64N(1<<31)-1<<20, random.Int64N(1e9)).UTC()
		w.Day, w.Deep.Count = int32(random.IntN(30_000))-5_000, int32(random.IntN(9))
		for range random.IntN(4) {
			w.Names = append(w.Names, texts[1+random.IntN(len(texts)-1)])
		}
		want = append(want, w.cells())
	}
	var file bytes.Buffer
	writer := parquet.NewGenericWriter[written](&file, parquet.MaxRowsPerRowGroup(400), parquet.PageBufferSize(2048))
	if _, err := writer.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := read(t, file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("row %d is\n%q, want\n%q", i, got[i], want[i])
		}
	}
}

// A file that says of its footer that it is longer than all of it takes no memory for it.
func TestFooterLargerThanItsFile(t *testing.T) {
	for _, length := range []uint32{13, 100, 1 << 20, 1<<32 - 1} {
		data := append(binary.LittleEndian.AppendUint32(append([]byte("PAR1"), make([]byte, 16)...), length), "PAR1"...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := parquettext.New(bytes.NewReader(data), int64(len(data)))
		runtime.ReadMemStats(&after)
		if err == nil || length > 16 && !strings.Contains(err.Error(), fmt.Sprintf("a footer of %d bytes, and holds 16", length)) {
			t.Errorf("length %d: %v", length, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
			t.Errorf("length %d: %d bytes for a file of %d", length, took, len(data))
		}
	}
}

// Any damage is an error or another text, and never a panic or an endless read.
func FuzzBrokenFiles(f *testing.F) {
	for _, name := range []string{"pyarrow.parquet", "duckdb.parquet"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, 0, byte(0))
		f.Add(data, len(data)-40, byte(0xff))
		f.Add(data[:len(data)/2], 3, byte(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, at int, flip byte) {
		if len(data) > 0 && at >= 0 {
			data = bytes.Clone(data)
			data[at%len(data)] ^= flip
		}
		r, err := parquettext.New(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		n, _ := io.Copy(io.Discard, io.LimitReader(r, 1<<20))
		_ = r.Close()
		if n == 0 {
			t.Error("a file that could be opened has no header")
		}
	})
}

// A flipped bit anywhere in a file does no harm.
func TestNoDamagePanics(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "pyarrow.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	broken := 0
	for at := 0; at < len(data); at += 7 {
		damaged := bytes.Clone(data)
		damaged[at] ^= 1 << (at % 8)
		if _, err := read(t, damaged); err != nil {
			broken++
		}
	}
	if broken < len(data)/70 {
		t.Errorf("%d of %d damages were noticed", broken, len(data))
	}
}

// former is how older writers say times and amounts, and what the others leave out.
type former struct {
	Spark  deprecated.Int96 `parquet:"spark"`
	Raw    []byte           `parquet:"raw"`
	Micro  int64            `parquet:"micro,timestamp(microsecond:local)"`
	Key    [16]byte         `parquet:"key,uuid"`
	Amount [16]byte         `parquet:"amount,decimal(2:38)"`
	Count  uint32           `parquet:"count"`
	Ratios []float64        `parquet:"ratios"`
	Flags  []bool           `parquet:"flags"`
}

func TestTypesOfOlderWriters(t *testing.T) {
	row := former{
		// 2026-03-01 is day 2461101 of the Julian calendar's count.
		Spark: deprecated.Int96{1_500_000_000, 0, 2461101}, Raw: []byte{0xff, 0x00}, Micro: 1_772_355_600_000_001,
		Key: [16]byte{0x12, 0x3e, 0x45, 0x67, 15: 1}, Count: 1<<32 - 1, Ratios: []float64{0.5, math.Inf(1)}, Flags: []bool{true, false},
	}
	for i := range row.Amount {
		row.Amount[i] = 0xff
	}
	row.Amount[15] = 0x85 // -123
	var file bytes.Buffer
	writer := parquet.NewGenericWriter[former](&file)
	if _, err := writer.Write([]former{row, {Ratios: []float64{}}}); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := read(t, file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2026-03-01T00:00:01.5Z", "ff00", "2026-03-01T09:00:00.000001", "123e4567-0000-0000-0000-000000000001", "-1.23", "4294967295", "[0.5,null]", "[true,false]"}
	if !reflect.DeepEqual(rows[1], want) {
		t.Errorf("the row is\n%q, want\n%q", rows[1], want)
	}
}

// A file of one column has a line for each row, also where that is empty.
func TestOneColumn(t *testing.T) {
	type single struct {
		Text *string `parquet:"text,optional"`
	}
	text := "a"
	var file bytes.Buffer
	writer := parquet.NewGenericWriter[single](&file, parquet.Compression(&parquet.Lz4Raw))
	if _, err := writer.Write([]single{{&text}, {nil}, {&text}}); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, file.Bytes()); err == nil || !strings.Contains(err.Error(), "write it with zstd") {
		t.Errorf("packed with LZ4: %v", err)
	}
	file.Reset()
	writer = parquet.NewGenericWriter[single](&file)
	if _, err := writer.Write([]single{{&text}, {nil}, {&text}}); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if rows, err := read(t, file.Bytes()); err != nil || !reflect.DeepEqual(rows, [][]string{{"text"}, {"a"}, {""}, {"a"}}) {
		t.Errorf("%q, %v", rows, err)
	}
}
