// Package huge asks the operating system for pages of 2 MiB where a table is large and
// read at random.
//
// It promises nothing but speed: with pages of 4 KiB nearly every read of such a table
// has to look up first where its page is, and that comes from memory as well. Where the
// system has no such pages, or is set never to give them, everything goes on as before.
package huge
