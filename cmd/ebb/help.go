package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// examples formats command lines for the end of a command's help.
func examples(lines ...string) string {
	return "Examples:\n\n    " + strings.Join(lines, "\n    ")
}

// helpWithDefault is a flag's help with its default: the placeholder stands
// where the parser would show it.
func helpWithDefault(value *kong.Value) string {
	if !value.HasDefault || value.Default == "" || value.IsBool() && value.Default == "false" {
		return kong.DefaultHelpValueFormatter(value)
	}
	told := *value
	told.Help += " Default: " + value.Default + "."

	return kong.DefaultHelpValueFormatter(&told)
}
