//go:build !amd64 && !arm64

package customers

import "unsafe"

// prefetch does nothing: it changes no result.
func prefetch(unsafe.Pointer, uintptr) {}
