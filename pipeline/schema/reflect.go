package schema

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/invopop/jsonschema"
)

// reflector makes schemas of Go types, described by their comments.
type reflector struct{ jsonschema.Reflector }

// newReflector reads the comments of the messages below root.
func newReflector(root string) (*reflector, error) {
	r := &reflector{jsonschema.Reflector{Anonymous: true, DoNotReference: true, AllowAdditionalProperties: true}}
	folder := filepath.Join(root, "pipeline", "wire")
	if err := r.AddGoComments("ebb", folder, jsonschema.WithFullComment()); err != nil {
		return nil, fmt.Errorf("read the comments of %s: %w", folder, err)
	}
	comments := make(map[string]string, len(r.CommentMap))
	for name, text := range r.CommentMap {
		// The base is joined with the folder as it was given.
		_, inWire, _ := strings.Cut(name, "pipeline/wire")
		comments["ebb/pipeline/wire"+inWire] = oneLine(text)
	}
	r.CommentMap = comments

	return r, nil
}

// schema is the schema of a struct.
func (r *reflector) schema(value any) *Schema {
	s := r.Reflect(value)
	s.Version, s.ID = "", ""

	return s
}

// oneLine joins the lines of a paragraph; paragraphs and indented lists stay apart.
func oneLine(text string) string {
	paragraphs := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, paragraph := range paragraphs {
		if !strings.HasPrefix(paragraph, "\t") {
			paragraphs[i] = strings.Join(strings.Fields(paragraph), " ")
		}
	}

	return strings.Join(paragraphs, "\n\n")
}
