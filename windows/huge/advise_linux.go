package huge

import "syscall"

// advise is madvise(2) with MADV_HUGEPAGE, which x/sys takes for slices alone: a range
// around a slice is none. An error means that there are no such pages.
func advise(from, size uintptr) {
	const hugePage = 14 // MADV_HUGEPAGE, the same on every architecture

	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, size, hugePage)
}
