package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"ebb/dashboards"
)

// board is what the file of a dashboard says, as far as a page shows it.
type board struct {
	UID         string  `json:"uid"`
	Title       string  `json:"title"`
	Description string  `json:"description"`
	Panels      []panel `json:"panels"`
	Time        struct {
		From string `json:"from"`
	} `json:"time"`
	Templating struct {
		List []variable `json:"list"`
	} `json:"templating"`
}

// variable is one of the choices at the top.
type variable struct {
	Name    string `json:"name"`
	Label   string `json:"label"`
	Type    string `json:"type"`
	Multi   bool   `json:"multi"`
	Query   any    `json:"query"`
	Options []struct {
		Value any `json:"value"`
	} `json:"options"`
	Current struct {
		Value any `json:"value"`
	} `json:"current"`
	Custom bool `json:"allowCustomValue"`
}

// panel is one of the pictures.
type panel struct {
	Type        string `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	GridPos     struct {
		W, H, Y int
	} `json:"gridPos"`
	Targets []struct {
		SQL    string `json:"rawSql"`
		Format int    `json:"format"`
	} `json:"targets"`
	FieldConfig struct {
		Defaults  field `json:"defaults"`
		Overrides []struct {
			Matcher struct {
				ID      string `json:"id"`
				Options any    `json:"options"`
			} `json:"matcher"`
			Properties []property `json:"properties"`
		} `json:"overrides"`
	} `json:"fieldConfig"`
	Options options `json:"options"`
}

type property struct {
	ID    string          `json:"id"`
	Value json.RawMessage `json:"value"`
}

// field is how numbers of a panel look.
type field struct {
	Unit     string   `json:"unit"`
	Decimals *float64 `json:"decimals"`
	Min      *float64 `json:"min"`
	Max      *float64 `json:"max"`
	NoValue  string   `json:"noValue"`
	Color    struct {
		Mode  string `json:"mode"`
		Fixed string `json:"fixedColor"`
	} `json:"color"`
	Thresholds struct {
		Steps []threshold `json:"steps"`
	} `json:"thresholds"`
	Custom struct {
		DrawStyle   string  `json:"drawStyle"`
		FillOpacity float64 `json:"fillOpacity"`
		Stacking    struct {
			Mode string `json:"mode"`
		} `json:"stacking"`
		ThresholdsStyle struct {
			Mode string `json:"mode"`
		} `json:"thresholdsStyle"`
	} `json:"custom"`
}

// threshold is from where on a colour holds; the first has no value.
type threshold struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

// options are those of the kinds of panels, together.
type options struct {
	Content     string `json:"content"`     // of a text
	XField      string `json:"xField"`      // of bars and curves
	Orientation string `json:"orientation"` // of bars
	Stacking    string `json:"stacking"`    // of bars: normal, or side by side
	GraphMode   string `json:"graphMode"`   // of a figure: area, or none
	ChangeColor string `json:"percentChangeColorMode"`
}

// readBoards reads all dashboards from the files that Grafana is given.
func readBoards() ([]board, error) {
	files, err := dashboards.Files()
	if err != nil {
		return nil, err
	}
	var boards []board
	for _, file := range files {
		if !strings.HasPrefix(file.Path, "dashboards/") || !strings.HasSuffix(file.Path, ".json") {
			continue
		}
		var b board
		if err := json.Unmarshal(file.Content, &b); err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", file.Path, err)
		}
		b.Panels = withoutAlerts(b.Panels)
		boards = append(boards, b)
	}

	return boards, nil
}

// withoutAlerts leaves out the list that is Grafana's own. Whatever stood beside it takes
// its room.
func withoutAlerts(panels []panel) []panel {
	var out []panel
	for i := range panels {
		if panels[i].Type != "alertlist" {
			out = append(out, panels[i])

			continue
		}
		for j := range panels {
			if place := &panels[j].GridPos; j != i && place.Y == panels[i].GridPos.Y {
				place.W = columns
			}
		}
	}

	return out
}

// span is how far a dashboard looks back when it is opened.
func (b *board) span() time.Duration {
	span, ok := parseSpan(strings.TrimPrefix(b.Time.From, "now-"))
	if !ok {
		return 30 * 24 * time.Hour
	}

	return span
}

// texts are those of a value of JSON that is a text or a list of them.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, one := range v {
			out = append(out, texts(one)...)
		}

		return out
	}

	return nil
}
