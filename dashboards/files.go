package dashboards

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed provisioning
var provisioning embed.FS

// File is one file of a Grafana provisioning folder.
type File struct {
	Path    string // relative to the provisioning folder, with slashes
	Content []byte
}

// Files returns the provisioning files: the data source, the provider that
// tells Grafana where dashboards are, every dashboard, and the rules of alerts.
func Files() ([]File, error) {
	files := make([]File, 0, 12)
	for _, name := range []string{"datasources/ebb.yaml", "dashboards/ebb.yaml"} {
		content, err := provisioning.ReadFile("provisioning/" + name)
		if err != nil {
			return nil, fmt.Errorf("provisioning file %s: %w", name, err)
		}
		files = append(files, File{Path: name, Content: content})
	}

	all := boards()
	for i := range all {
		file, err := all[i].file()
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	file, err := alertsFile()
	if err != nil {
		return nil, err
	}

	return append(files, file), nil
}

// file renders one dashboard; its file has the name of its UID.
func (b *board) file() (File, error) {
	built, err := b.build()
	if err != nil {
		return File{}, err
	}
	content, err := json.MarshalIndent(built, "", "  ")
	if err != nil {
		return File{}, fmt.Errorf("dashboard %s: %w", b.uid, err)
	}

	return File{Path: "dashboards/" + b.uid + ".json", Content: append(content, '\n')}, nil
}
