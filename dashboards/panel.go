package dashboards

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// channelChoice is the line of a query that takes the chosen channels alone.
var channelChoice = regexp.MustCompile(`(?m)^ *AND channel IN \(\$\{channel:singlequote\}\)\n`)

// panel is a panel of a dashboard, and how its query is to fare.
type panel struct {
	built dashboard.Panel
	err   error
	// mayBeEmpty: it lists what is wrong or rare, so that no row is a result.
	mayBeEmpty bool
}

// Build gives it to the SDK, whose errors have a type of their own.
func (p *panel) Build() (dashboard.Panel, error) {
	if p.err != nil {
		return dashboard.Panel{}, cog.BuildErrors{&cog.BuildError{Path: p.built.Type, Message: p.err.Error()}}
	}

	return p.built, nil
}

// make takes what a builder of the SDK made, and says what it shows.
func makePanel(builder cog.Builder[dashboard.Panel], what shown, width, height uint32) *panel {
	built, err := builder.Build()
	p := &panel{built: built, err: err}
	if p.err == nil {
		p.err = what.err
	}
	p.built.Title, p.built.Description = &what.title, &what.description
	p.built.GridPos = &dashboard.GridPos{W: width, H: height}
	if p.built.FieldConfig == nil {
		p.built.FieldConfig = dashboard.NewFieldConfigSource()
	}
	p.fields().Unit = &what.unit
	p.fields().NoValue = cog.ToPtr("nothing in this range")

	return p.colored(neutral).steps(step{color: neutral})
}

func (p *panel) fields() *dashboard.FieldConfig { return &p.built.FieldConfig.Defaults }

// sized sets how many of the 24 columns, and how many rows of 30 pixels it takes.
func (p *panel) sized(width, height uint32) *panel {
	p.built.GridPos.W, p.built.GridPos.H = width, height

	return p
}

// step is from where on a colour holds; the first holds from below all.
type step struct {
	from  float64
	color string
}

// steps states the thresholds. Grafana's own would turn red at 80, whatever is shown.
func (p *panel) steps(steps ...step) *panel {
	config := dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute}
	for i, s := range steps {
		t := dashboard.Threshold{Color: s.color}
		if i > 0 {
			t.Value = cog.ToPtr(s.from)
		}
		config.Steps = append(config.Steps, t)
	}
	p.fields().Thresholds = &config
	if len(steps) > 1 {
		p.fields().Color = &dashboard.FieldColor{Mode: dashboard.FieldColorModeIdThresholds}
	}

	return p
}

// colored gives all that it shows one colour, whatever the value.
func (p *panel) colored(name string) *panel {
	p.fields().Color = &dashboard.FieldColor{Mode: dashboard.FieldColorModeIdFixed, FixedColor: &name}

	return p
}

// fromZero sets the lower end of the axis.
func (p *panel) fromZero() *panel {
	p.fields().Min = cog.ToPtr(0.)

	return p
}

// upToOne sets the upper end of the axis, too: of shares and probabilities.
func (p *panel) upToOne() *panel {
	p.fields().Max = cog.ToPtr(1.)

	return p.fromZero()
}

// decimals sets how many are shown.
func (p *panel) decimals(n float64) *panel {
	p.fields().Decimals = &n

	return p
}

// percent is of panels whose figures are shares, though what they are described by is not.
func (p *panel) percent() *panel {
	p.fields().Unit = cog.ToPtr("percentunit")

	return p
}

// plain is of panels whose figures are no shares, though they lie between 0 and 1.
func (p *panel) plain() *panel {
	p.fields().Unit = cog.ToPtr("short")

	return p
}

// ofAllChannels takes the choice of channels out of the query: the dashboard has no
// $channel.
func (p *panel) ofAllChannels() *panel {
	for i, target := range p.built.Targets {
		q, ok := target.(query)
		if !ok {
			continue
		}
		sql := channelChoice.ReplaceAllLiteralString(q.RawSQL, "")
		if sql == q.RawSQL && p.err == nil {
			p.err = fmt.Errorf("panel %s: no line of its query chooses channels", *p.built.Title)
		}
		q.RawSQL = sql
		p.built.Targets[i] = q
	}

	return p
}

// empty is what stands there without a row, which is no fault.
func (p *panel) empty(text string) *panel {
	p.fields().NoValue = &text
	p.mayBeEmpty = true

	return p
}

// property is a setting of one column or series.
type property = dashboard.DynamicConfigValue

// column overrides settings of a column or a series, by its name in the query.
func (p *panel) column(name string, properties ...property) *panel {
	p.built.FieldConfig.Overrides = append(p.built.FieldConfig.Overrides, dashboard.DashboardFieldConfigSourceOverrides{
		Matcher: dashboard.MatcherConfig{Id: "byName", Options: name}, Properties: properties,
	})

	return p
}

// columns overrides settings of those whose name a pattern matches.
func (p *panel) columns(pattern string, properties ...property) *panel {
	p.built.FieldConfig.Overrides = append(p.built.FieldConfig.Overrides, dashboard.DashboardFieldConfigSourceOverrides{
		Matcher: dashboard.MatcherConfig{Id: "byRegexp", Options: pattern}, Properties: properties,
	})

	return p
}

// series gives columns that each are a series their colours.
func (p *panel) series(hues []hue) *panel {
	for _, h := range hues {
		p.column(h.name, color(h.color), named(spoken(h.name)))
	}

	return p
}

// labeled gives series their colours where the names stand in a column of texts beside a
// column of values, and calls them by the name alone: Grafana would by both.
func (p *panel) labeled(value, label string, hues []hue) *panel {
	p.columns("^"+value+" ", named("${__field.labels."+label+"}"))
	for _, h := range hues {
		p.column(value+" "+h.name, color(h.color), named(spoken(h.name)))
	}

	return p
}

// cells colours texts of a column by what they say.
func cells(hues []hue) []property {
	options := make(map[string]any, len(hues))
	for i, h := range hues {
		options[h.name] = map[string]any{"color": h.color, "index": i, "text": spoken(h.name)}
	}

	return []property{
		{Id: "mappings", Value: []any{map[string]any{"type": "value", "options": options}}},
		{Id: "custom.cellOptions", Value: map[string]any{"type": "color-text"}},
	}
}

func unit(name string) property    { return property{Id: "unit", Value: name} }
func width(pixels int) property    { return property{Id: "custom.width", Value: pixels} }
func named(name string) property   { return property{Id: "displayName", Value: name} }
func places(decimals int) property { return property{Id: "decimals", Value: decimals} }
func missing(text string) property { return property{Id: "noValue", Value: text} }

// shaded makes the background of cells the darker the higher the share.
func shaded() []property {
	return []property{
		{Id: "custom.cellOptions", Value: map[string]any{"type": "color-background", "mode": "basic"}},
		{Id: "color", Value: map[string]any{"mode": "continuous-blues"}},
		{Id: "min", Value: 0}, {Id: "max", Value: 1},
	}
}

// color is a fixed colour.
func color(name string) property {
	return property{Id: "color", Value: map[string]any{"mode": "fixed", "fixedColor": name}}
}

// dashed draws a line that is held against the others.
func dashed() []property {
	return []property{
		{Id: "custom.lineStyle", Value: map[string]any{"fill": "dash", "dash": []int{6, 6}}},
		{Id: "custom.fillOpacity", Value: 0}, {Id: "custom.showPoints", Value: "never"},
	}
}

// toCustomer makes the cells of a column links to the customer's dashboard.
func toCustomer() property {
	return property{Id: "links", Value: []any{map[string]any{
		"title": "What happened", "url": "/d/" + customerUID + "?var-customer=${__value.raw}&${__url_time_range}",
	}}}
}

// spoken is a name of the tables as people write it. Those of streams are typed as they are.
func spoken(name string) string {
	if name == strings.ToUpper(name) {
		return name
	}
	out := []byte(name)
	for i, c := range out {
		if c == '_' {
			out[i] = ' '
		}
	}

	return string(out)
}
