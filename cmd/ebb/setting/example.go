package setting

import (
	"fmt"
	"strings"
)

// ExampleConfig writes the annotated example file: every setting as a comment
// with its default, so that the file changes nothing until a line is edited.
func ExampleConfig() (string, error) {
	flags, err := ConfigModel()
	if err != nil {
		return "", err
	}

	var b strings.Builder
	b.WriteString(`# Settings of ebb, with their defaults. Take the # from a line to change it.
#
# Every setting is also a flag and a variable: --nats.url and EBB_NATS_URL for
# nats.url. A flag wins over a variable, a variable over this file. A key that
# is no setting is an error. Durations: 500ms, 90s, 10m, 6h, 28d.
#
# Each setting belongs to a part:
#   identity   fixed for the life of a stream
#   meaning    changes what is published. ebb run puts it into force when it
#              begins, ebb config apply at once; no state is lost by it
#   operation  how this instance runs; in force from its start on
`)
	group := ""
	for _, flag := range flags {
		if flag.Group.Title != group {
			group = flag.Group.Title
			fmt.Fprintf(&b, "\n# %s\n", group)
		}
		fmt.Fprintf(&b, "\n# %s\n# Part: %s.\n#%s:%s\n", flag.Help, PartOf(flag.Name), flag.Name, exampleValue(flag.Name, flag.Default))
	}

	return b.String(), nil
}

// exampleValue is what stands behind the key, with a space before it.
func exampleValue(key, preset string) string {
	switch {
	case key == "vocabulary":
		return "\n#  - quiz.finished=active/app"
	case key == "sources":
		return "\n#  - name: orders\n#    stream: ORDERS\n#    format: auto\n#    from: beginning"
	case key == "rollups":
		return "\n#  - plan=properties.plan+type;at_most=100\n#  - nps_by_level=level;metric=nps"
	case key == "channels", key == "benchmarks.targets":
		return " []"
	case preset == "":
		return ` ""`
	case strings.ContainsAny(preset, ":,"):
		return ` "` + preset + `"`
	default:
		return " " + preset
	}
}
