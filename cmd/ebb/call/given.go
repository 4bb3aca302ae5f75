// Package call is how a command was called: where it writes, and with which
// settings, so that a command that a text suggests works as it is printed.
//
// Read given.go first.
package call

import (
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// A command that is suggested has to work as it is printed: with the settings
// that this one was called with, where it takes them too. What came from variables
// holds for both.

// Given is what of a command line holds for others.
type Given struct {
	commands []*kong.Node
	flags    []givenFlag
	file     string // its FILE, for a shell; "" for none
}

// givenFlag is a flag as it was given, for a shell.
type givenFlag struct{ name, text string }

// GivenBy reads the arguments that a command was parsed from.
func GivenBy(parsed *kong.Context, args []string) Given {
	g := Given{commands: parsed.Model.Children}
	flags := map[string]*kong.Flag{}
	for _, flag := range parsed.Flags() {
		flags[flag.Name] = flag
	}
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(strings.TrimPrefix(args[i], "--"), "=")
		flag := flags[strings.TrimPrefix(name, "no-")]
		if !strings.HasPrefix(args[i], "--") || flag == nil {
			continue
		}
		text := "--" + name
		if !flag.IsBool() && !joined && i+1 < len(args) {
			i++
			value, joined = args[i], true
		}
		if joined {
			text += " " + Quoted(value)
			if flag.IsBool() {
				text = "--" + name + "=" + Quoted(value)
			}
		}
		if flag.Name == "events" {
			g.file = Quoted(value)
		}
		if flag.Group == nil && !slices.Contains([]string{"config", "mapping"}, flag.Name) || strings.ContainsAny(value, "@\"\\\n") {
			continue // for this command alone; or a password in an address, or what would upset the log
		}
		g.flags = append(g.flags, givenFlag{flag.Name, text})
	}
	if command := parsed.Selected(); command != nil {
		for _, argument := range command.Positional {
			if value := argument.Target.String(); argument.Name == "file" && value != "" {
				g.file = Quoted(value)
			}
		}
	}

	return g
}

// CommandInText is a command that a text suggests.
var CommandInText = regexp.MustCompile("`ebb ([a-z][^`\n]*)`")

// In adds to the commands of a text what they need to work as they stand.
func (g Given) In(text string) string {
	if len(g.flags) == 0 && g.file == "" {
		return text
	}

	return CommandInText.ReplaceAllStringFunc(text, func(quotedCommand string) string {
		line := strings.Trim(quotedCommand, "`")
		words := strings.Fields(line)[1:]
		node := g.node(words)
		if node == nil {
			return quotedCommand
		}
		if g.file != "" {
			for i, word := range words {
				if word == "FILE" {
					words[i] = g.file
				}
			}
		}
		takes := map[string]bool{}
		for _, group := range node.AllFlags(false) {
			for _, flag := range group {
				takes[flag.Name] = true
			}
		}
		for _, flag := range g.flags {
			if takes[flag.name] && !strings.Contains(line, "--"+flag.name) {
				words = append(words, flag.text)
			}
		}

		return "`ebb " + strings.Join(words, " ") + "`"
	})
}

// node is the command that the words begin with; nil for none.
func (g Given) node(words []string) (found *kong.Node) {
	commands := g.commands
	for _, word := range words {
		at := slices.IndexFunc(commands, func(c *kong.Node) bool { return c.Name == word })
		if at < 0 {
			break
		}
		found, commands = commands[at], commands[at].Children
	}

	return found
}

// Writer passes lines on with the commands that they suggest.
func (g Given) Writer(to io.Writer) io.Writer { return givenWriter{g, to} }

type givenWriter struct {
	given Given
	to    io.Writer
}

func (w givenWriter) Write(line []byte) (int, error) {
	if _, err := io.WriteString(w.to, w.given.In(string(line))); err != nil {
		return 0, err
	}

	return len(line), nil
}
