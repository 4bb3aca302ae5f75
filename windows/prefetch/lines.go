//go:build amd64 || arm64

package prefetch

import "unsafe"

// lines fetches some bytes, at least one. Go has no such call of its own.
//
//go:noescape
func lines(from unsafe.Pointer, bytes uintptr)
