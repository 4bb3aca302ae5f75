// Package scan reads strict JSON by places in its bytes, for the decoders of
// formats: RFC 8259 and I-JSON (RFC 7493), so it refuses bad UTF-8, raw control
// characters, lone surrogates, names that occur twice in an object at any depth,
// and what is nested deeper than an event may be. It knows no fields.
//
// There are two readers. The plain one takes text as nearly all of it is
// written, by an index of its double quotes; the careful one takes all of it and
// words every refusal. Both accept the same. Read this file first, then index.go
// and plain.go (the plain one), value.go and text.go (the careful one).
package scan

import (
	"hash/maphash"

	"ebb/pipeline/event"
)

// Scanner is text on its way to be read. All readers take and return a place in
// the data; a place below 0 means that Syntax says why not, or, of the plain
// ones, that the careful reader has to begin anew.
//
// It allocates nothing once its buffers have grown, and belongs to one goroutine.
type Scanner struct {
	Data    []byte
	Scratch []byte         // unescaped text, and what decoders put there
	Quotes  QuoteIndex     // on the plain path
	Keys    []uint64       // as names, on the plain path
	names   []Span         // of the objects that are open, outermost first
	set     nameSet        // names of large objects
	objects uint32         // opened in this text
	Depth   int            // objects and arrays that are open
	Syntax  *event.Refusal // why the bytes are no JSON
}

// New makes a scanner.
func New() Scanner { return Scanner{set: nameSet{seed: maphash.MakeSeed()}} }

// Begin gets ready to read Data carefully from its beginning.
func (t *Scanner) Begin() {
	t.names = t.names[:0]
	t.set.clear()
	t.objects, t.Depth = 0, 0
	t.Syntax = nil
}

// maxDepth is how deep objects and arrays are nested at most, the text included.
const maxDepth = event.MaxEventDepth
