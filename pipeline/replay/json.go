package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

var errNotObject = errors.New("the line is not a JSON object; write one object a line")

// jsonLines reads a file of one JSON value a line. Empty lines are no rows.
type jsonLines struct {
	lines *lineBuffer
	raw   []byte
}

// next reads a line into raw, valid until the next call. errLongRow concerns
// this line only. io.EOF ends the file.
func (j *jsonLines) next() error {
	for {
		content, next, ended := j.lines.lineEnd(0)
		j.lines.row = j.lines.line
		if next > MaxRowBytes {
			j.raw = bytes.Clone(j.lines.bytes()[:MaxRowBytes])
			j.lines.skipLine()

			return errLongRow
		}
		if !ended {
			if err := j.lines.failure(); err != nil {
				return err
			}
			if next == 0 {
				return io.EOF
			}
		}
		line := bytes.TrimSpace(j.lines.bytes()[:content])
		j.lines.take(next)
		if len(line) > 0 {
			j.raw = line

			return nil
		}
	}
}

// pathNode is a step of the paths of a mapping.
type pathNode struct {
	fields   []field
	children map[string]*pathNode
}

// splitPath takes a path with dots or a JSON Pointer apart.
func splitPath(path string) []string {
	if !strings.HasPrefix(path, "/") {
		return strings.Split(path, ".")
	}
	steps := strings.Split(path[1:], "/")
	for i, step := range steps {
		steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
	}

	return steps
}

func (n *pathNode) add(path string, f field) {
	for _, step := range splitPath(path) {
		if n.children == nil {
			n.children = make(map[string]*pathNode)
		}
		child := n.children[step]
		if child == nil {
			child = new(pathNode)
			n.children[step] = child
		}
		n = child
	}
	n.fields = append(n.fields, f)
}

// jsonWalker finds the members that a mapping names.
type jsonWalker struct {
	decoder jsontext.Decoder
	deeper  *jsonWalker // for values inside values; made when first needed
	buffer  bytes.Buffer
	name    []byte
}

// inside is the walker for values inside this one's.
func (w *jsonWalker) inside() *jsonWalker {
	if w.deeper == nil {
		w.deeper = new(jsonWalker)
	}

	return w.deeper
}

// end is where the member that is being visited ends.
func (w *jsonWalker) end() int { return int(w.decoder.InputOffset()) }

// object is members for a line, which has to be an object.
func (w *jsonWalker) object(line []byte, visit func(name, value []byte) error) error {
	if len(line) > 0 && line[0] == '[' {
		return errNotObject
	}

	return w.members(line, visit)
}

// members calls visit for each member of an object, or item of an array under
// its number. The name and the value are valid during the call.
func (w *jsonWalker) members(value []byte, visit func(name, value []byte) error) error {
	w.buffer.Reset()
	w.buffer.Write(value)
	w.decoder.Reset(&w.buffer)
	open, err := w.decoder.ReadToken()
	if err != nil {
		return fmt.Errorf("the line is not JSON: %w", err)
	}
	if open.Kind() != '{' && open.Kind() != '[' {
		return errNotObject
	}
	for i := 0; w.decoder.PeekKind() != '}' && w.decoder.PeekKind() != ']'; i++ {
		name := strconv.AppendInt(w.name[:0], int64(i), 10)
		if open.Kind() == '{' {
			quoted, err := w.decoder.ReadValue()
			if err != nil {
				return fmt.Errorf("the line is not JSON: %w", err)
			}
			name, _ = jsontext.AppendUnquote(w.name[:0], quoted) // read by the decoder, so it is a string
		}
		w.name = name
		member, err := w.decoder.ReadValue()
		if err != nil {
			return fmt.Errorf("the line is not JSON: %w", err)
		}
		if err := visit(name, member); err != nil {
			return err
		}
	}
	if _, err := w.decoder.ReadToken(); err != nil {
		return fmt.Errorf("the line is not JSON: %w", err)
	}
	if _, err := w.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("the line is not JSON: more follows the object; write one object a line")
	}

	return nil
}

// find fills the draft with the values at the paths under node.
func (w *jsonWalker) find(node *pathNode, value []byte, d *draft) error {
	if kind := jsontext.Value(value).Kind(); kind != '{' && kind != '[' {
		return nil // the path leads through something that has no members
	}

	return w.members(value, func(name, member []byte) error {
		child := node.children[string(name)]
		if child == nil {
			return nil
		}
		for _, f := range child.fields {
			d.setJSON(f, member)
		}
		if child.children == nil {
			return nil
		}

		return w.inside().find(child, member, d)
	})
}
