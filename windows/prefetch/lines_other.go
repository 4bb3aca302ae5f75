//go:build !amd64 && !arm64

package prefetch

import "unsafe"

// lines does nothing: it changes no result.
func lines(unsafe.Pointer, uintptr) {}
