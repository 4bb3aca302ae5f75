package term

import (
	"strings"

	"github.com/alecthomas/kong"
)

// Examples formats command lines for the end of a command's help.
func Examples(lines ...string) string {
	return "Examples:\n\n    " + strings.Join(lines, "\n    ")
}

// HelpWithDefault is a flag's help with its default: the placeholder stands
// where the parser would show it.
func HelpWithDefault(value *kong.Value) string {
	if !value.HasDefault || value.Default == "" || value.IsBool() && value.Default == "false" {
		return kong.DefaultHelpValueFormatter(value)
	}
	told := *value
	told.Help += " Default: " + value.Default + "."

	return kong.DefaultHelpValueFormatter(&told)
}
