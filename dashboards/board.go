package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// tag is that of all dashboards of ebb, by which they link to each other.
const tag = "ebb"

// The dashboards.
const (
	overviewUID   = "ebb-overview"
	churnUID      = "ebb-churn"
	customerUID   = "ebb-customer"
	channelsUID   = "ebb-channels"
	journeyUID    = "ebb-journey"
	experienceUID = "ebb-experience"
	campaignsUID  = "ebb-campaigns"
	detectorUID   = "ebb-detector"
	pipelineUID   = "ebb-pipeline"
)

// board is a dashboard: what it answers, and with what.
type board struct {
	uid, title  string
	asked       string // the question that it answers within five seconds
	howTo       string // one or two sentences on how to read it
	operations  bool   // for who runs ebb: hours, not weeks
	last        string // how far it looks back, where it is neither
	variables   []cog.Builder[dashboard.VariableModel]
	annotations []annotation
	panels      []*panel
}

// boards are all dashboards, in the order of their links.
func boards() []board {
	return []board{
		overview(), churn(), customer(), channels(), journey(), experience(), campaigns(), detector(), pipeline(),
	}
}

// build renders it.
func (b *board) build() (dashboard.Dashboard, error) {
	from, refresh := "now-30d", "5m"
	if b.operations {
		from, refresh = "now-6h", "1m"
	}
	if b.last != "" {
		from = b.last
	}
	builder := dashboard.NewDashboardBuilder(b.title).
		Uid(b.uid).
		Description(b.asked).
		Tags([]string{tag}).
		Timezone("browser").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Refresh(refresh).
		Time(from, "now").
		Link(dashboard.NewDashboardLinkBuilder("ebb").
			Type(dashboard.DashboardLinkTypeDashboards).
			Tags([]string{tag}).
			Icon("external link").
			Tooltip("The other dashboards of ebb, with the same time range").
			KeepTime(true)).
		WithVariable(sourceVariable()).
		Readonly()
	for _, v := range b.variables {
		builder = builder.WithVariable(v)
	}
	for _, a := range b.annotations {
		builder = builder.Annotation(a.builder())
	}
	for _, p := range b.all() {
		builder = builder.WithPanel(p)
	}
	built, err := builder.Build()
	if err != nil {
		return dashboard.Dashboard{}, fmt.Errorf("dashboard %s: %w", b.uid, err)
	}
	// Numbered here, so that links to a panel stay when Grafana loads the file again.
	for i, p := range built.Panels {
		p.Panel.Id = cog.ToPtr(panelID(i))
	}
	// Where the SDK puts links and switches by default, older versions don't look.
	for i := range built.Links {
		built.Links[i].Placement = nil
	}
	for i := range built.Annotations.List {
		built.Annotations.List[i].Placement = nil
	}

	return built, nil
}

// all are its panels, the question first.
func (b *board) all() []*panel {
	return append([]*panel{question(b.asked, b.howTo)}, b.panels...)
}

// panelID is the number of the panel at a place.
func panelID(place int) uint32 { return uint32(place + 1) }
