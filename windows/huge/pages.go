package huge

import "unsafe"

const (
	// Page is the size of a huge page, of amd64 and of arm64 with pages of 4 KiB.
	Page = 2 << 20

	// least is the size below which a slice is not worth a call.
	least = 64 << 10
)

// Pages asks for huge pages for what a slice stands in, and returns it. It is for a slice
// that was made this moment: pages that were written before stay as small as they are.
//
// A slice that is smaller than a page asks for the whole page around it. What else
// stands there is memory of this process, too, and stays what it is.
func Pages[T any](made []T) []T {
	size := uintptr(cap(made)) * unsafe.Sizeof(*new(T))
	if size < least {
		return made
	}
	from := uintptr(unsafe.Pointer(unsafe.SliceData(made)))
	to := (from + size + Page - 1) &^ (Page - 1)
	from &^= Page - 1
	advise(from, to-from)

	return made
}

// Clone is slices.Clone into memory for which huge pages are asked before it is written.
func Clone[T any](s []T) []T {
	made := Pages(make([]T, len(s)))
	copy(made, s)

	return made
}
