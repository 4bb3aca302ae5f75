// Package composefile reads ../compose.yaml as Docker Compose does, by the loader that it
// is made of, and promises that what it reads is what is meant: see compose_test.go. It is
// a module of its own, since ebb needs none of it.
package composefile
