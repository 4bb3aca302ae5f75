package windows

// MinTime and MaxTime bound every time this package works with, so that adding
// a window's size to a time never overflows. They lie a million years away.
const (
	MaxTime int64 = 1 << 55
	MinTime int64 = -MaxTime
)

// maxDuration bounds sizes, slides, lateness and skew, in milliseconds.
const maxDuration int64 = 1 << 50

// Span is the half-open time [Start, End), in Unix milliseconds.
type Span struct {
	Start, End int64
}

// Contains reports whether t lies in the span.
func (s Span) Contains(t int64) bool { return s.Start <= t && t < s.End }

// Length is a kind of window: Size long, one every Slide, both in
// milliseconds. Window ends are the multiples of Slide, counted from the epoch.
type Length struct {
	Name        string
	Size, Slide int64
}

// Window is the span of the window that ends at end.
func (l Length) Window(end int64) Span { return Span{Start: end - l.Size, End: end} }

// FirstEnd is the end of the earliest window that holds time t. The other
// windows that hold t end every Slide after it, Size/Slide windows in all.
func (l Length) FirstEnd(t int64) int64 { return (floorDiv(t, l.Slide) + 1) * l.Slide }

const (
	minute int64 = 60_000
	hour         = 60 * minute
	day          = 24 * hour
)

// Defaults gives the six lengths: 1m by 1m, 5m by 1m, 1h by 5m, 24h by 1h,
// 7d by 6h and 28d by 1d.
func Defaults() []Length {
	return []Length{
		{Name: "1m", Size: minute, Slide: minute},
		{Name: "5m", Size: 5 * minute, Slide: minute},
		{Name: "1h", Size: hour, Slide: 5 * minute},
		{Name: "24h", Size: day, Slide: hour},
		{Name: "7d", Size: 7 * day, Slide: 6 * hour},
		{Name: "28d", Size: 28 * day, Slide: day},
	}
}

// floorDiv divides rounding down, so that slices before 1970 are aligned too.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}

	return q
}
