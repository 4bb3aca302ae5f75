package call

import (
	"fmt"
	"io"

	"ebb/cmd/ebb/term"
)

// Streams is where a command writes: results to out, messages to err.
type Streams struct {
	Out io.Writer
	Err io.Writer

	Given Given // the command line, for commands that texts suggest
}

// SayAll writes sentences, one a line.
func SayAll(to io.Writer, sentences []string) {
	for _, sentence := range sentences {
		fmt.Fprintln(to, term.Printable(sentence))
	}
}
