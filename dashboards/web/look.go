package web

import (
	"encoding/json"
	"strings"
)

// apply takes a property that overrides those of the panel. What it can't read, it
// leaves as it was: the page shows less than Grafana, not nothing.
func (l *look) apply(p property) {
	var text string
	var numeric float64
	switch p.ID {
	case "unit", "displayName", "noValue", "custom.lineInterpolation":
		if json.Unmarshal(p.Value, &text) != nil {
			return
		}
		switch p.ID {
		case "unit":
			l.unit = text
		case "displayName":
			l.name = text
		case "custom.lineInterpolation":
			l.steps = text == "stepAfter"
		default:
			l.empty = text
		}
	case "decimals", "custom.width":
		if json.Unmarshal(p.Value, &numeric) != nil {
			return
		}
		if p.ID == "decimals" {
			l.decimals = &numeric
		} else {
			l.width = int(numeric)
		}
	case "color":
		var c struct {
			Fixed string `json:"fixedColor"`
		}
		if json.Unmarshal(p.Value, &c) == nil && strings.HasPrefix(c.Fixed, "#") {
			l.color = c.Fixed
		}
	case "links":
		var links []struct {
			URL string `json:"url"`
		}
		if json.Unmarshal(p.Value, &links) == nil && len(links) > 0 {
			l.link = links[0].URL
		}
	case "mappings":
		var mappings []struct {
			Type    string            `json:"type"`
			Options map[string]mapped `json:"options"`
		}
		if json.Unmarshal(p.Value, &mappings) == nil && len(mappings) > 0 && mappings[0].Type == "value" {
			l.words = mappings[0].Options
		}
	}
}
