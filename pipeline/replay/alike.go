package replay

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"ebb/pipeline/event"

	"github.com/zeebo/xxh3"
	"golang.org/x/text/unicode/norm"
)

// alike counts the customers of a file, and those ids that differ from another
// only in what people don't see: case, blanks, characters without a width, and
// the normal form of Unicode.
type alike struct {
	most     int                 // ids that are compared; 0 for all
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
	if _, known := a.exact[hash]; known || a.full() {
		return
	}
	a.exact[hash] = struct{}{}
	if bytes.HasPrefix(id, []byte(event.AnonymousPrefix)) {
		a.alone++
	}
	folded := fold(id)
	if folded == nil {
		if _, like := a.folded[hash]; like {
			a.found(id)
		}

		return
	}
	if bytes.ContainsFunc(id, event.IsInvisible) {
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

// full says that as many ids were compared as may be.
func (a *alike) full() bool { return a.most > 0 && len(a.exact) >= a.most }

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

	if len(words) > 0 && a.full() {
		words = append(words, fmt.Sprintf("Only the first %d ids of customers were compared.", a.most))
	}

	return words
}

// IDs says what of the ids of customers looks wrong.
type IDs struct {
	LookAlikes int64    `json:"look_alikes"` // differ from another only in what people don't see
	Unclean    int64    `json:"unclean_ids"` // hold something that can't be seen
	Words      []string `json:"-"`           // for a person; nil where all is well
}

func (a *alike) ids() IDs { return IDs{a.same, a.unclean, a.words()} }

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
		if event.IsInvisible(r) {
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
