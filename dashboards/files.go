package dashboards

import (
	"embed"
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
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
	files := make([]File, 0, 5)
	for _, name := range []string{"datasources/ebb.yaml", "dashboards/ebb.yaml"} {
		content, err := provisioning.ReadFile("provisioning/" + name)
		if err != nil {
			return nil, fmt.Errorf("provisioning file %s: %w", name, err)
		}
		files = append(files, File{Path: name, Content: content})
	}

	for _, build := range builders() {
		file, err := dashboardFile(build())
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

// builders make the dashboards.
func builders() []func() cog.Builder[dashboard.Dashboard] {
	return []func() cog.Builder[dashboard.Dashboard]{overview, quality}
}

// panelID is the number of the panel at a place.
func panelID(place int) uint32 { return uint32(place + 1) }

// dashboardFile renders one dashboard; its file has the name of its UID.
func dashboardFile(builder cog.Builder[dashboard.Dashboard]) (File, error) {
	built, err := builder.Build()
	if err != nil {
		return File{}, fmt.Errorf("dashboard: %w", err)
	}
	// Numbered here, so that links to a panel stay when Grafana loads the file again.
	for i, panel := range built.Panels {
		panel.Panel.Id = cog.ToPtr(panelID(i))
	}
	content, err := json.MarshalIndent(built, "", "  ")
	if err != nil {
		return File{}, fmt.Errorf("dashboard %s: %w", *built.Uid, err)
	}

	return File{Path: "dashboards/" + *built.Uid + ".json", Content: append(content, '\n')}, nil
}
