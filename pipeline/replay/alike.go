package replay

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"ebb/pipeline"

	"github.com/zeebo/xxh3"
	"golang.org/x/text/unicode/norm"
)

// alike counts the customers of a file, and those ids that differ from another
// only in what people don't see: case, blanks, characters without a width, and
// the normal form of Unicode.
type alike struct {
	exact    map[uint64]struct{} // ids as they are
	folded   map[uint64]struct{} // ids that folding changes, as it leaves them
	same     int64               // ids that are like another
	alone    int64               // ids that are anonymous
	unclean  int64               // ids with something in them that can't be seen
	examples []string
}

func newAlike() *alike {
	return &alike{exact: make(map[uint64]struct{}), folded: make(map[uint64]struct{})}
}

// add takes the id of a customer.
func (a *alike) add(id []byte) {
	hash := xxh3.Hash(id)
	if _, known := a.exact[hash]; known {
		return
	}
	a.exact[hash] = struct{}{}
	if bytes.HasPrefix(id, []byte(pipeline.AnonymousPrefix)) {
		a.alone++
	}
	folded := fold(id)
	if folded == nil {
		if _, like := a.folded[hash]; like {
			a.found(id)
		}

		return
	}
	if bytes.ContainsFunc(id, pipeline.IsInvisible) {
		a.unclean++
	}
	hash = xxh3.Hash(folded)
	_, like := a.folded[hash]
	if !like {
		_, like = a.exact[hash]
	}
	if like {
		a.found(id)
	}
	a.folded[hash] = struct{}{}
}

func (a *alike) found(id []byte) {
	if a.same++; len(a.examples) < maxExamples {
		a.examples = append(a.examples, fmt.Sprintf("%+q", id))
	}
}

// words says it to a person.
func (a *alike) words() []string {
	var words []string
	if a.same > 0 {
		words = append(words, fmt.Sprintf("%d ids of customers differ from another only by case, blanks or the form of a character (%s): they count as customers of their own. Write them alike.",
			a.same, strings.Join(a.examples, ", ")))
	}
	if a.unclean > 0 {
		words = append(words, fmt.Sprintf("%d ids of customers hold blanks or characters that can't be seen.", a.unclean))
	}

	return words
}

// fold returns the id without what people don't see; nil where nothing changes.
func fold(id []byte) []byte {
	plain := true
	for _, c := range id {
		if c <= ' ' || c >= 0x7f || c >= 'A' && c <= 'Z' {
			plain = false

			break
		}
	}
	if plain {
		return nil
	}
	folded := bytes.Map(func(r rune) rune {
		if pipeline.IsInvisible(r) {
			return -1
		}

		return unicode.ToLower(unicode.ToUpper(r))
	}, norm.NFKC.Bytes(id))
	folded = norm.NFKC.Bytes(folded)
	if bytes.Equal(folded, id) {
		return nil
	}

	return folded
}
