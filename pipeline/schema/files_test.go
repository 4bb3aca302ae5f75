package schema

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

//go:generate go test . -run "^Test(FilesAreCurrent|PublishedFieldsStay)$" -update

var update = flag.Bool("update", false, "write the documents, and add fields that are new to those that were published")

const (
	root   = "../.."
	folder = root + "/deploy/schemas"
)

func TestFilesAreCurrent(t *testing.T) {
	files, err := Files(root)
	if err != nil {
		t.Fatal(err)
	}
	there, err := filepath.Glob(folder + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if files[filepath.Base(path)] != nil {
			continue
		}
		if !*update {
			t.Errorf("%s is of no message", path)
		} else if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(folder, name)
		if *update {
			if err := os.WriteFile(path, files[name], 0o644); err != nil {
				t.Fatal(err)
			}

			continue
		}
		if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, files[name]) {
			t.Errorf("%s is not what the code makes (%v): run go generate ./pipeline/schema", path, err)
		}
	}
}
