package setting

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// ConfigModel is the flags of all of Config, without any command.
func ConfigModel() ([]*kong.Flag, error) {
	parser, err := kong.New(&Config{}, kong.NoDefaultHelp(), kong.PostBuild(NameVariables))
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}

	return parser.Model.Flags, nil
}

// NameVariables gives every setting its environment variable. A setting is
// a flag that stands in a group; what belongs to one command alone, such as
// --json, does not.
func NameVariables(parser *kong.Kong) error {
	var visit func(node *kong.Node)
	visit = func(node *kong.Node) {
		for _, flag := range node.Flags {
			if flag.Group != nil {
				flag.Envs = []string{Variable(flag.Name)}
				flag.Tag.Envs = flag.Envs
			}
		}
		for _, child := range node.Children {
			visit(child)
		}
	}
	visit(parser.Model.Node)

	return nil
}

// Variable is the environment variable of a setting.
func Variable(key string) string {
	return "EBB_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}
