package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Files are the documents as they are written to a folder, by their names.
func Files(root string) (map[string][]byte, error) {
	documents, err := Documents(root)
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte, len(documents)+1)
	for i := range documents {
		d := &documents[i]
		if files[d.File()], err = encode(d.Schema); err != nil {
			return nil, fmt.Errorf("%s: %w", d.File(), err)
		}
	}
	if files[AsyncAPIFile], err = encode(Channels(documents)); err != nil {
		return nil, fmt.Errorf("%s: %w", AsyncAPIFile, err)
	}

	return files, nil
}

func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(value)

	return out.Bytes(), err
}
