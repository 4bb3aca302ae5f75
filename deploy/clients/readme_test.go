package clients_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ebb/deploy/schemas"
	"ebb/pipeline/wire"
)

// The signal that the page shows is one.
func TestSignalOfThePage(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	text, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the page shows no signal")
	}
	document, err := schemas.Read("signal.v1")
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	parse := func(data []byte) any {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}

		return value
	}
	if err := compiler.AddResource("signal", parse(document)); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("signal")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(parse([]byte(text))); err != nil {
		t.Error(err)
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	var s wire.Signal
	if err := decoder.Decode(&s); err != nil {
		t.Fatal(err)
	}
	whole := s
	whole.Complete()
	if s.ID != whole.ID || s.Time != whole.Time || s.LastTime != whole.LastTime || s.SilentMS != s.At-s.LastEvent {
		t.Errorf("it says %s %s %s silent %d, want %s %s %s silent %d", s.ID, s.Time, s.LastTime, s.SilentMS, whole.ID, whole.Time, whole.LastTime, s.At-s.LastEvent)
	}
}
