//go:build race

package pipeline_test

// seeds is how many of n random courses a test takes. The detector makes each some ten
// times slower, and all run without it: with it a quarter meets the same code.
func seeds(n uint64) uint64 { return (n + 3) / 4 }
