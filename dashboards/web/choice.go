package web

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ebb/dashboards"
)

// every is Grafana's value for all options of a variable.
const every = "$__all"

const maxValue = 512 // bytes of a value that is typed in

// choice is a variable as the page offers it.
type choice struct {
	Name, Label string
	Options     []string
	Chosen      string // "" for all of them
	All         bool   // all of them may be chosen
	Typed       bool   // a value beside the options may be typed in
}

// spans are the time ranges that a page offers.
func spans() []string { return []string{"1h", "6h", "24h", "7d", "30d", "90d", "365d"} }

// parseSpan reads a range such as 6h or 30d, of 365 days at most.
func parseSpan(text string) (time.Duration, bool) {
	unit := time.Hour
	number, found := strings.CutSuffix(text, "h")
	if !found {
		if number, found = strings.CutSuffix(text, "d"); !found {
			return 0, false
		}
		unit = 24 * time.Hour
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > int(366*24*time.Hour/unit) {
		return 0, false
	}

	return time.Duration(n) * unit, true
}

// choices reads what a visitor has chosen, and takes what the dashboard presets for
// the rest and for what there is not to choose.
func (s *site) choices(ctx context.Context, b *board, form url.Values, r *dashboards.Range) ([]choice, error) {
	r.Variables = map[string][]string{}
	var out []choice
	for i := range b.Templating.List {
		v := &b.Templating.List[i]
		if v.Type == "datasource" {
			continue
		}
		c := choice{Name: v.Name, Label: v.Label, Typed: v.Custom}
		preset := texts(v.Current.Value)
		if v.Type == "query" {
			f, err := s.query(ctx, firstText(v.Query), *r)
			if err != nil {
				return nil, err
			}
			c.Options, c.Typed = f.firstTexts(), !v.Multi
			if !v.Multi && len(c.Options) > 0 {
				preset = c.Options[:1]
			}
		}
		for _, o := range v.Options {
			if text := firstText(o.Value); text != every {
				c.Options = append(c.Options, text)
			}
		}
		c.All = v.Multi
		values := preset
		if chosen := form.Get("var-" + v.Name); chosen != "" && len(chosen) <= maxValue && (c.Typed || slices.Contains(c.Options, chosen)) {
			values = []string{chosen}
		} else if c.All && form.Has("var-"+v.Name) {
			values = []string{every}
		}
		if slices.Equal(values, []string{every}) {
			values = c.Options
		} else if len(values) == 1 {
			c.Chosen = values[0]
		}
		r.Variables[v.Name] = values
		out = append(out, c)
	}

	return out, nil
}

func firstText(value any) string {
	if all := texts(value); len(all) > 0 {
		return all[0]
	}

	return ""
}
