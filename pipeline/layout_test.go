package pipeline_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// No two packages have one name: whoever reads it knows which it is.
func TestPackagesHaveNamesOfTheirOwn(t *testing.T) {
	places := make(map[string]string)
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, entry fs.DirEntry, err error) error {
		folder := path.Dir(name)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata" || len(name) > 1 && strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		if other, taken := places[path.Base(folder)]; taken && other != folder {
			t.Errorf("%s and %s have one name", other, folder)
		}
		places[path.Base(folder)] = folder

		return nil
	})
	if err != nil || len(places) < 30 {
		t.Errorf("%d packages: %v", len(places), err)
	}
}

// The walk of one event goes through files that there are, each once.
func TestTheWalkOfAnEventGoesThroughFilesThatThereAre(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, line := range regexp.MustCompile(`(?m)^//\t(\S+)`).FindAllSubmatch(doc, -1) {
		name := string(line[1])
		_, here := os.Stat(name)
		_, beside := os.Stat("../" + name)
		if here != nil && beside != nil || seen[name] {
			t.Errorf("%s is not there, or comes twice", name)
		}
		seen[name] = true
	}
	if len(seen) < 10 {
		t.Errorf("the walk has %d steps", len(seen))
	}
}
