//go:build race

package main

// raceDetector says that the tests run some ten times slower. They run without
// it as well, so that with it they may leave out what is no other code.
const raceDetector = true
