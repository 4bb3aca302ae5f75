package dashboards

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"go.yaml.in/yaml/v3"
)

const generatedDir = "../deploy/grafana/provisioning"

func allFiles(t *testing.T) []File {
	t.Helper()
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}

	return files
}

func TestGeneratedFilesAreCurrent(t *testing.T) {
	want := map[string]bool{}
	for _, file := range allFiles(t) {
		want[file.Path] = true
		got, err := os.ReadFile(filepath.Join(generatedDir, file.Path))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, file.Content) {
			t.Errorf("%s is not what the code builds; run make generate", file.Path)
		}
	}

	err := fs.WalkDir(os.DirFS(generatedDir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !want[path] {
			t.Errorf("%s is built by no code; delete it", path)
		}

		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreTheSameEveryTime(t *testing.T) {
	first, second := allFiles(t), allFiles(t)
	for i := range first {
		if first[i].Path != second[i].Path || !bytes.Equal(first[i].Content, second[i].Content) {
			t.Errorf("%s differs between two builds", first[i].Path)
		}
	}
}

// sourceFile is the data source as Grafana reads it.
type sourceFile struct {
	UID, Type      string
	JSONData       map[string]any    `yaml:"jsonData"`
	SecureJSONData map[string]string `yaml:"secureJsonData"`
}

func dataSource(t *testing.T) sourceFile {
	t.Helper()
	var file struct{ Datasources []sourceFile }
	for _, f := range allFiles(t) {
		if f.Path != "datasources/ebb.yaml" {
			continue
		}
		if err := yaml.Unmarshal(f.Content, &file); err != nil {
			t.Fatal(err)
		}
	}
	if len(file.Datasources) != 1 {
		t.Fatalf("%d data sources, want 1", len(file.Datasources))
	}

	return file.Datasources[0]
}

// Address and credentials come from Grafana's environment.
func TestDataSourceHoldsNoSecret(t *testing.T) {
	source := dataSource(t)
	if source.UID != sourceUID || source.Type != sourceType {
		t.Errorf("data source %s of type %s, panels read %s of type %s", source.UID, source.Type, sourceUID, sourceType)
	}
	variable := regexp.MustCompile(`^\$\{EBB_GRAFANA_CLICKHOUSE_[A-Z]+\}$`)
	check := func(key string, value any) {
		if text, ok := value.(string); !ok || !variable.MatchString(text) {
			t.Errorf("%s is %q, want a variable", key, value)
		}
	}
	for key, value := range source.JSONData {
		if key != "customSettings" {
			check(key, value)
		}
	}
	for key, value := range source.SecureJSONData {
		check(key, value)
	}
	if len(source.JSONData) == 0 || len(source.SecureJSONData) == 0 {
		t.Error("nothing from the environment")
	}
}
