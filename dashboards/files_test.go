package dashboards

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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

// board is what of a dashboard the tests below look at.
type board struct {
	UID    string
	Panels []struct {
		Title       string
		Description string
		Datasource  struct{ Type, UID string }
		GridPos     struct{ X, Y, W, H int }
		Targets     []struct {
			Datasource struct{ Type, UID string }
			EditorType string
			Format     int
			RawSQL     string
			RefID      string
		}
	}
	Templating struct {
		List []struct{ Name, Type, Query string }
	}
}

func boards(t *testing.T) []board {
	t.Helper()
	var out []board
	for _, file := range allFiles(t) {
		if !strings.HasSuffix(file.Path, ".json") {
			continue
		}
		var b board
		if err := json.Unmarshal(file.Content, &b); err != nil {
			t.Fatalf("%s: %v", file.Path, err)
		}
		out = append(out, b)
	}
	if len(out) == 0 {
		t.Fatal("no dashboards")
	}

	return out
}

func TestEveryPanelSaysWhatItShowsAndHasAQuery(t *testing.T) {
	for _, b := range boards(t) {
		for _, panel := range b.Panels {
			if panel.Title == "" || panel.Description == "" || panel.Datasource.UID != sourceUID {
				t.Errorf("%s: panel %q with description %q reads %q", b.UID, panel.Title, panel.Description, panel.Datasource.UID)
			}
			if len(panel.Targets) != 1 {
				t.Errorf("%s: panel %s has %d queries, want 1", b.UID, panel.Title, len(panel.Targets))

				continue
			}
			target := panel.Targets[0]
			if target.Datasource.Type != sourceType || target.EditorType != "sql" || target.RefID == "" || target.RawSQL == "" {
				t.Errorf("%s: panel %s has the query %+v", b.UID, panel.Title, target)
			}
			if series := strings.Contains(target.RawSQL, "AS time"); series != (target.Format == int(asTimeSeries)) {
				t.Errorf("%s: panel %s has the format %d, its query a time column: %t", b.UID, panel.Title, target.Format, series)
			}
		}
	}
}

// A panel reads views, which deduplicate and end at the watermark; a table
// below them would show double and half figures.
func TestQueriesReadViewsOnly(t *testing.T) {
	source := regexp.MustCompile(`(?i)\b(?:FROM|JOIN)\s+([a-z_]+)`)
	for _, b := range boards(t) {
		for _, panel := range b.Panels {
			tables := source.FindAllStringSubmatch(panel.Targets[0].RawSQL, -1)
			if len(tables) == 0 {
				t.Errorf("%s: panel %s reads nothing", b.UID, panel.Title)
			}
			for _, table := range tables {
				if !strings.HasPrefix(table[1], "v_") {
					t.Errorf("%s: panel %s reads %s, which is no view", b.UID, panel.Title, table[1])
				}
			}
		}
	}
}

func TestEveryQueryFileHasAPanel(t *testing.T) {
	used := map[string]bool{}
	for _, b := range boards(t) {
		for _, panel := range b.Panels {
			used[panel.Targets[0].RawSQL] = true
		}
	}
	for _, name := range append(queryNames(t, "overview"), queryNames(t, "quality")...) {
		content, err := queries.ReadFile("queries/" + name + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		if !used[strings.TrimSpace(string(content))] {
			t.Errorf("no panel shows %s", name)
		}
	}
}

func TestPanelsDoNotOverlapOrLeaveTheGrid(t *testing.T) {
	for _, b := range boards(t) {
		taken := map[[2]int]string{}
		for _, panel := range b.Panels {
			at := panel.GridPos
			if at.X+at.W > fullWidth || at.W == 0 || at.H == 0 {
				t.Errorf("%s: panel %s is at %+v", b.UID, panel.Title, at)
			}
			for x := at.X; x < at.X+at.W; x++ {
				for y := at.Y; y < at.Y+at.H; y++ {
					if other, ok := taken[[2]int{x, y}]; ok {
						t.Fatalf("%s: panels %s and %s overlap", b.UID, panel.Title, other)
					}
					taken[[2]int{x, y}] = panel.Title
				}
			}
		}
	}
}

func TestWindowVariableOffersAllLengths(t *testing.T) {
	for _, b := range boards(t) {
		if b.UID != "ebb-overview" {
			continue // shows no windows
		}
		if len(b.Templating.List) != 1 {
			t.Fatalf("%s: variables %+v", b.UID, b.Templating.List)
		}
		if v := b.Templating.List[0]; v.Name != "window" || v.Type != "custom" || v.Query != "1m,5m,1h,24h,7d,28d" {
			t.Errorf("%s: variable %+v", b.UID, v)
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
