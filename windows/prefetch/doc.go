// Package prefetch has the processor bring near what is asked for soon, and waits for
// nothing: a read would wait as soon as the processor has no room left to go on without
// it.
//
// It promises nothing but speed, and changes no result. Where the processor can't, nothing
// happens.
package prefetch

import "unsafe"

// Value begins to fetch a value.
func Value[T any](of *T) { lines(unsafe.Pointer(of), unsafe.Sizeof(*of)) }

// Slice begins to fetch what a slice holds.
func Slice[T any](of []T) {
	if len(of) > 0 {
		lines(unsafe.Pointer(unsafe.SliceData(of)), uintptr(len(of))*unsafe.Sizeof(of[0]))
	}
}
