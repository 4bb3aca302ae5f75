package dashboards

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// rendered is what of a dashboard's file the tests below look at.
type rendered struct {
	UID, Title, Description, Refresh string
	Tags                             []string
	Time                             struct{ From, To string }
	Links                            []struct {
		Type     string
		Tags     []string
		KeepTime bool
	}
	Panels      []renderedPanel
	Annotations struct {
		List []struct {
			Name       string
			Datasource struct{ Type, UID string }
			Target     struct {
				EditorType, QueryType, RawSQL string
				Format                        int
			}
		}
	}
	Templating struct {
		List []struct {
			Name, Type, Description string
			Query                   any
			IncludeAll, Multi       bool
		}
	}
	content string
}

type renderedPanel struct {
	ID          int
	Type        string
	Title       string
	Description string
	Datasource  struct{ Type, UID string }
	GridPos     struct{ X, Y, W, H int }
	FieldConfig struct {
		Defaults struct {
			Unit, NoValue string
			Color         struct{ Mode, FixedColor string }
			Thresholds    struct {
				Mode  string
				Steps []struct {
					Value *float64
					Color string
				}
			}
		}
		Overrides []struct {
			Matcher    struct{ ID, Options string }
			Properties []struct {
				ID    string
				Value any
			}
		}
	}
	Targets []struct {
		Datasource            struct{ Type, UID string }
		EditorType, QueryType string
		Format                int
		RawSQL                string
		RefID                 string
	}
}

func (p *renderedPanel) asks() bool { return p.Type != "text" && p.Type != "alertlist" }

func renderedBoards(t *testing.T) []rendered {
	t.Helper()
	var out []rendered
	for _, file := range allFiles(t) {
		if !strings.HasSuffix(file.Path, ".json") {
			continue
		}
		b := rendered{content: string(file.Content)}
		if err := json.Unmarshal(file.Content, &b); err != nil {
			t.Fatalf("%s: %v", file.Path, err)
		}
		out = append(out, b)
	}

	return out
}

// Each dashboard asks a question, links to the others, and looks back as its readers do.
func TestDashboardsAreWhatTheirReadersNeed(t *testing.T) {
	uids, titles := map[string]bool{}, map[string]bool{}
	for _, b := range renderedBoards(t) {
		if uids[b.UID] || titles[b.Title] || !strings.HasPrefix(b.UID, "ebb-") || len(b.UID) > 40 {
			t.Errorf("uid %q, title %q: taken, or not of ebb", b.UID, b.Title)
		}
		uids[b.UID], titles[b.Title] = true, true
		if !strings.HasSuffix(b.Description, "?") || len(b.Panels) == 0 || b.Panels[0].Type != "text" || !strings.Contains(b.content, "### "+b.Description) {
			t.Errorf("%s does not begin with the question that it answers: %q", b.UID, b.Description)
		}
		if !slices.Equal(b.Tags, []string{tag}) || len(b.Links) != 1 || b.Links[0].Type != "dashboards" || !slices.Equal(b.Links[0].Tags, []string{tag}) || !b.Links[0].KeepTime {
			t.Errorf("%s: tags %q, links %+v", b.UID, b.Tags, b.Links)
		}
		want := [2]string{"now-30d", "5m"}
		switch b.UID {
		case pipelineUID:
			want = [2]string{"now-6h", "1m"}
		case detectorUID, customerUID:
			want[0] = "now-90d" // outcomes take a horizon; a customer has a history
		}
		if got := [2]string{b.Time.From, b.Refresh}; got != want {
			t.Errorf("%s looks back %s, anew every %s; want %s", b.UID, b.Time.From, b.Refresh, want)
		}
	}
}

// Nothing but types of panels, forms of queries and variables that were seen to work with
// the plugin.
func TestPanelsHaveFormsThatWork(t *testing.T) {
	kinds := []string{"text", "alertlist", "stat", "timeseries", "table", "barchart", "state-timeline", "trend"}
	for _, b := range renderedBoards(t) {
		titles := map[string]bool{}
		for i := range b.Panels {
			p := &b.Panels[i]
			if !slices.Contains(kinds, p.Type) {
				t.Errorf("%s: panel %q is a %s", b.UID, p.Title, p.Type)
			}
			if p.ID != i+1 {
				t.Errorf("%s: panel %q has the number %d", b.UID, p.Title, p.ID)
			}
			if titles[p.Title] {
				t.Errorf("%s: two panels are called %q", b.UID, p.Title)
			}
			titles[p.Title] = true
			if !p.asks() {
				continue
			}
			if p.Datasource.UID != "${ds}" || p.Datasource.Type != sourceType || len(p.Targets) != 1 {
				t.Errorf("%s: panel %q reads %+v with %d queries", b.UID, p.Title, p.Datasource, len(p.Targets))

				continue
			}
			target := p.Targets[0]
			if target.Datasource.UID != "${ds}" || target.EditorType != "sql" || target.RefID == "" || target.RawSQL == "" {
				t.Errorf("%s: panel %q has the query %+v", b.UID, p.Title, target)
			}
			series := regexp.MustCompile(`(?m)\bAS time\b`).MatchString(target.RawSQL)
			if series != (target.Format == int(asTimeSeries)) || series != (target.QueryType == "timeseries") {
				t.Errorf("%s: panel %q is %s, format %d; a time column: %t", b.UID, p.Title, target.QueryType, target.Format, series)
			}
			if bars := p.Type == "barchart"; bars && !strings.Contains(target.RawSQL, "AS name") {
				t.Errorf("%s: panel %q has bars without names", b.UID, p.Title)
			}
		}
		if strings.Contains(b.content, `"uid": "`+sourceUID) {
			t.Errorf("%s names a data source", b.UID)
		}
		for _, v := range b.Templating.List {
			if _, text := v.Query.(string); !text || v.Description == "" && v.Name != "ds" {
				t.Errorf("%s: variable %s: query %v, description %q", b.UID, v.Name, v.Query, v.Description)
			}
		}
		for _, a := range b.Annotations.List {
			columns := strings.Contains(a.Target.RawSQL, "AS text") && strings.Contains(a.Target.RawSQL, "AS tags") && strings.Contains(a.Target.RawSQL, "time")
			if a.Datasource.UID != "${ds}" || a.Target.EditorType != "sql" || a.Target.QueryType != "table" || a.Target.Format != int(asTable) || !columns {
				t.Errorf("%s: annotation %s is %+v", b.UID, a.Name, a)
			}
		}
	}
}

// A panel has a title, a unit and a description, thresholds of its own or a colour that
// says nothing, and words for when there is no row.
func TestPanelsSayWhatTheyShow(t *testing.T) {
	for _, b := range renderedBoards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			d := p.FieldConfig.Defaults
			if p.Description == "" {
				t.Errorf("%s: panel %q has no description", b.UID, p.Title)
			}
			if p.Type == "text" {
				continue
			}
			if p.Title == "" || d.Unit == "" || d.NoValue == "" {
				t.Errorf("%s: panel %q: unit %q, without a row %q", b.UID, p.Title, d.Unit, d.NoValue)
			}
			if len(d.Thresholds.Steps) == 0 || d.Thresholds.Mode != "absolute" || d.Thresholds.Steps[0].Value != nil {
				t.Errorf("%s: panel %q has no thresholds: %+v", b.UID, p.Title, d.Thresholds)
			}
			for j, s := range d.Thresholds.Steps {
				if j > 0 && (s.Value == nil || j > 1 && *s.Value <= *d.Thresholds.Steps[j-1].Value) {
					t.Errorf("%s: panel %q: thresholds %+v", b.UID, p.Title, d.Thresholds)
				}
			}
			if c := d.Color; c.Mode != "thresholds" && c.Mode != "palette-classic-by-name" && (c.Mode != "fixed" || c.FixedColor == "") {
				t.Errorf("%s: panel %q has the colour %+v", b.UID, p.Title, c)
			}
			if d.Color.Mode == "thresholds" && len(d.Thresholds.Steps) < 2 {
				t.Errorf("%s: panel %q is coloured by one threshold", b.UID, p.Title)
			}
		}
	}
}

// One colour stands for one level, kind, channel and so on, on every dashboard, and no two
// of a group share one.
func TestColorsMeanOneThing(t *testing.T) {
	groups := map[string][]hue{
		"level": levelColors(), "kind": kindColors(), "channel": channelColors(), "segment": segmentColors(), "stage": stageColors(),
		"lifecycle": lifecycleColors(), "arm": armColors(),
	}
	known := map[string]map[string]bool{}
	for group, hues := range groups {
		used := map[string]string{}
		for _, h := range hues {
			if other, taken := used[h.color]; taken {
				t.Errorf("%s: %s and %s have the same colour", group, h.name, other)
			}
			used[h.color] = h.name
			if known[h.name] == nil {
				known[h.name] = map[string]bool{}
			}
			known[h.name][h.color] = true
		}
	}
	for _, b := range renderedBoards(t) {
		for i := range b.Panels {
			for _, o := range b.Panels[i].FieldConfig.Overrides {
				name := o.Matcher.Options[strings.LastIndexByte(o.Matcher.Options, ' ')+1:]
				for _, p := range o.Properties {
					fixed, ok := p.Value.(map[string]any)
					if p.ID != "color" || !ok || known[name] == nil {
						continue
					}
					if c, _ := fixed["fixedColor"].(string); !known[name][c] {
						t.Errorf("%s, %s: %s has the colour %s", b.UID, b.Panels[i].Title, o.Matcher.Options, c)
					}
				}
			}
		}
	}
}

func TestPanelsDoNotOverlapOrLeaveTheGrid(t *testing.T) {
	for _, b := range renderedBoards(t) {
		taken := map[[2]int]string{}
		for i := range b.Panels {
			p := &b.Panels[i]
			at := p.GridPos
			if at.X < 0 || at.X+at.W > fullWidth || at.W < 3 || at.H < 3 {
				t.Errorf("%s: panel %q is at %+v", b.UID, p.Title, at)
			}
			for x := at.X; x < at.X+at.W; x++ {
				for y := at.Y; y < at.Y+at.H; y++ {
					if other, ok := taken[[2]int{x, y}]; ok {
						t.Fatalf("%s: panels %q and %q overlap", b.UID, p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	}
}

// Every variable is asked for by a panel or by the query of another, and every one that a
// query asks for is there. $ds is in all.
func TestVariablesAreUsedAndKnown(t *testing.T) {
	reference := regexp.MustCompile(`\$\{(\w+)(?::\w+)?\}`)
	for _, b := range renderedBoards(t) {
		has, used := map[string]bool{}, map[string]bool{"ds": true}
		for _, v := range b.Templating.List {
			has[v.Name] = true
		}
		for i := range b.Panels {
			for _, target := range b.Panels[i].Targets {
				for _, found := range reference.FindAllStringSubmatch(target.RawSQL, -1) {
					used[found[1]] = true
				}
			}
		}
		for name := range has {
			if !used[name] {
				t.Errorf("%s: no panel asks for variable %s", b.UID, name)
			}
		}
		for name := range used {
			if !has[name] {
				t.Errorf("%s has no variable %s", b.UID, name)
			}
		}
	}
}

// Links of columns go to dashboards that are there, with variables that these have.
func TestLinksLeadSomewhere(t *testing.T) {
	all := renderedBoards(t)
	variables := map[string][]string{}
	for _, b := range all {
		for _, v := range b.Templating.List {
			variables[b.UID] = append(variables[b.UID], v.Name)
		}
	}
	link := regexp.MustCompile(`"url": "(/d/[^"]*)"`)
	target := regexp.MustCompile(`^/d/([a-z-]+)\?var-(\w+)=\$\{__value\.raw\}\\u0026\$\{__url_time_range\}$`)
	for _, b := range all {
		for _, found := range link.FindAllStringSubmatch(b.content, -1) {
			parts := target.FindStringSubmatch(found[1])
			if len(parts) < 3 || !slices.Contains(variables[parts[1]], parts[2]) {
				t.Errorf("%s links to %s, which is not there", b.UID, found[1])
			}
		}
	}
}

// Figures that the registry describes are not described anew.
func TestRegisteredFiguresSpeakAsTheRegistry(t *testing.T) {
	if nps := of("nps", "nps"); nps.err != nil || nps.title != "NPS" || nps.unit != "short" || !strings.Contains(nps.description, "Not shown with fewer than 10 answers.") {
		t.Errorf("%+v", nps)
	}
	if share := of("csat", "csat"); share.err != nil || share.unit != "percentunit" {
		t.Errorf("%+v", share)
	}
	for _, unknown := range []shown{of("nps", "nothing"), of("nothing", "nps")} {
		if unknown.err == nil {
			t.Error("an unknown figure is described")
		}
	}
}

// The files hold nothing that the schema of Grafana's dashboards doesn't know, and lack
// nothing that it asks for. Queries are the plugin's, which it doesn't cover.
func TestFilesFollowGrafanasSchema(t *testing.T) {
	for _, b := range renderedBoards(t) {
		var plain map[string]any
		if err := json.Unmarshal([]byte(b.content), &plain); err != nil {
			t.Fatal(err)
		}
		panels, _ := plain["panels"].([]any)
		for _, p := range panels {
			delete(p.(map[string]any), "targets")
		}
		annotations, _ := plain["annotations"].(map[string]any)
		list, _ := annotations["list"].([]any)
		for _, a := range list {
			delete(a.(map[string]any), "target")
		}
		content, err := json.Marshal(plain)
		if err != nil {
			t.Fatal(err)
		}
		var strict dashboard.Dashboard
		// Their errors are empty lists, not nil, where there is none.
		if err := strict.UnmarshalJSONStrict(content); err != nil && err.Error() != "" {
			t.Errorf("%s: %v", b.UID, err)
		}
		if err := strict.Validate(); err != nil && err.Error() != "" {
			t.Errorf("%s: %v", b.UID, err)
		}
	}
}
