package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

const published = "testdata/published.txt"

// A reader written for a schema of a message must be able to read all messages of that
// schema, those of later versions of ebb too. So what was once published stays as it
// was, or gets the next number.
func TestPublishedFieldsStay(t *testing.T) {
	documents, err := Documents(root)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]string{}
	for i := range documents {
		d := &documents[i]
		name := fmt.Sprintf("%s.v%d", d.Name, d.Version)
		lines(have, name, d.Schema)
		if d.Headers != nil {
			lines(have, name+" headers", d.Headers)
		}
	}
	before := readPublished(t)
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if have[path] != before[path] {
			t.Errorf("%s was published as %q and is now %q: messages of this schema must stay readable; give the message the next schema number",
				path, before[path], have[path])
		}
	}
	for _, path := range slices.Sorted(maps.Keys(have)) {
		if _, ok := before[path]; !ok && !*update {
			t.Errorf("%s is new: run go generate ./pipeline/schema", path)
		}
	}
	if *update && !t.Failed() {
		var out strings.Builder
		for _, path := range slices.Sorted(maps.Keys(have)) {
			fmt.Fprintf(&out, "%s\t%s\n", path, have[path])
		}
		if err := os.WriteFile(published, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// lines says of every field under path what readers and writers rely on: its type, its
// words and whether it has to be there.
func lines(to map[string]string, path string, s *Schema) {
	if s == nil {
		return
	}
	kind := s.Type
	if t, ok := s.Extras["type"]; ok {
		kind = fmt.Sprint(t)
	}
	for _, name := range []string{"x-measures", "x-dimensions"} {
		if about, ok := s.Extras[name].(map[string]any); ok {
			for one, said := range about {
				to[path+" "+one] = "dimension"
				if measure, ok := said.(map[string]any); ok {
					to[path+" "+one] = fmt.Sprintf("%v, %v", measure["form"], measure["unit"])
				}
			}
		}
	}
	words := slices.Clone(s.Enum)
	if s.Const != nil {
		words = append(words, s.Const)
	}
	said := []string{kind, s.Format, s.Pattern}
	for _, word := range words {
		text, _ := json.Marshal(word) // a word of a schema marshals
		said = append(said, string(text))
	}
	to[path] = strings.Join(strings.Fields(strings.Join(said, " ")), " ")
	for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
		below := path + "." + pair.Key
		lines(to, below, pair.Value)
		if slices.Contains(s.Required, pair.Key) {
			to[below] += " required"
		}
	}
	lines(to, path+"[]", s.Items)
	for i, cell := range s.PrefixItems {
		lines(to, fmt.Sprintf("%s[%d]", path, i), cell)
	}
	for i, one := range s.AnyOf {
		lines(to, fmt.Sprintf("%s|%d", path, i), one)
	}
}

func readPublished(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile(published)
	if err != nil && !*update {
		t.Fatal(err)
	}
	before := map[string]string{}
	for line := range strings.Lines(string(data)) {
		path, said, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		before[path] = said
	}

	return before
}

// Every field says what it is.
func TestFieldsAreDescribed(t *testing.T) {
	documents, err := Documents(root)
	if err != nil {
		t.Fatal(err)
	}
	fields := 0
	var walk func(path string, s *Schema)
	walk = func(path string, s *Schema) {
		if s == nil {
			return
		}
		for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
			fields++
			if strings.TrimSpace(pair.Value.Description) == "" {
				t.Errorf("%s.%s has no description", path, pair.Key)
			}
			walk(path+"."+pair.Key, pair.Value)
		}
		walk(path+"[]", s.Items)
		for _, of := range [][]*Schema{s.PrefixItems, s.AnyOf} {
			for i, one := range of {
				walk(fmt.Sprintf("%s[%d]", path, i), one)
			}
		}
	}
	for i := range documents {
		d := &documents[i]
		if d.Schema.Description == "" || d.Title == "" || d.Subject == "" {
			t.Errorf("%s has no title, subject or description", d.File())
		}
		walk(d.Name, d.Schema)
		walk(d.Name+" headers", d.Headers)
	}
	if len(documents) < 40 || fields < 400 {
		t.Errorf("%d documents with %d fields: some are missing", len(documents), fields)
	}
}
