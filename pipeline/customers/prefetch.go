//go:build amd64 || arm64

package customers

import "unsafe"

// prefetch has the processor bring some bytes near, at least one, and waits for nothing: a
// read would wait as soon as the processor has no room left to go on without it. Go has no
// such call of its own.
//
//go:noescape
func prefetch(from unsafe.Pointer, bytes uintptr)
