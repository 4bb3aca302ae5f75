package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
)

// parses says why a command line is refused, nil where it is not. It runs
// nothing.
func parses(t *testing.T, args []string) error {
	t.Helper()
	settings := &setting.FileResolver{}
	parser, err := newParser(io.Discard, io.Discard, settings, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	if err == nil {
		err = settings.Err
	}

	return err
}

// workplace is a folder with the files that examples name.
func workplace(t *testing.T) {
	t.Helper()
	clearEnvironment(t)
	dir := t.TempDir()
	for _, name := range []string{"events.csv.gz", "events.csv", "events.jsonl", "calls.ndjson.gz", "visits.csv", "shop.yaml", "ebb.yaml", "benchmark.csv", "FILE"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

// Every example of every help is a command line that can be used.
func TestExamplesOfHelpCanBeUsed(t *testing.T) {
	workplace(t)
	parser, err := newParser(io.Discard, io.Discard, &setting.FileResolver{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(true) {
		path := strings.Fields(strings.TrimPrefix(leaf.Path(), "ebb "))
		_, help, _ := command(t, append(path, "--help")...)
		_, examples, _ := strings.Cut(help, "Examples:")
		examples, _, _ = strings.Cut(examples, "\n\nArguments:")
		examples, _, _ = strings.Cut(examples, "\n\nFlags:")
		found := 0
		for line := range strings.SplitSeq(examples, "\n") {
			_, line, is := strings.Cut(line, "ebb ")
			if !is || strings.HasPrefix(line, "`") {
				continue
			}
			line, _, _ = strings.Cut(line, " #")
			line, _, _ = strings.Cut(line, "|")
			line, _, _ = strings.Cut(line, "&&")
			found++
			if err := parses(t, strings.Fields(line)); err != nil {
				t.Errorf("ebb %s: %v", line, err)
			}
		}
		if found == 0 {
			t.Errorf("no example of %v:\n%s", path, help)
		}
	}
}

// suggestedCommand is a command line within a sentence: a command, what it needs,
// and flags.
var suggestedCommand = regexp.MustCompile(`\bebb( (?:[a-z][a-z_]*|--[a-z][a-z0-9._-]*|[A-Z]{2,}|[0-9][0-9.,]*))+`)

// Whatever a text of the program calls a command line can be used as it stands,
// with a file for FILE.
func TestCommandsInTextsCanBeUsed(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, folder := range []string{"cmd/ebb", "pipeline", "sinks", "dashboards", "deploy/local"} {
		literals(t, filepath.Join(root, folder), texts)
	}
	workplace(t)
	parser, err := newParser(io.Discard, io.Discard, &setting.FileResolver{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for _, child := range parser.Model.Children {
		commands = append(commands, child.Name)
	}
	found := 0
	for text, where := range texts {
		if strings.HasPrefix(text, "ebb ") {
			continue // an example of a help
		}
		filled := regexp.MustCompile(`%[sdvq]`).ReplaceAllString(text, "1")
		filled = call.CommandInText.ReplaceAllStringFunc(filled, func(whole string) string { // all of it is the command
			args := strings.Fields(strings.Trim(whole, "`"))[1:]
			if !slices.Contains(commands, args[0]) {
				return whole
			}
			found++
			if err := parses(t, args); err != nil {
				t.Errorf("%s: %s in %q: %v", where, whole, text, err)
			}

			return ""
		})
		for _, line := range suggestedCommand.FindAllString(filled, -1) {
			words := strings.Fields(line)[1:]
			if !slices.Contains(commands, words[0]) {
				continue // "ebb has", "ebb is": a sentence
			}
			args := commandWords(parser.Model.Children, words)
			if len(args) == 1 && !strings.Contains(filled, "`"+line+"`") {
				continue // the command as a thing: "ebb run makes the others"
			}
			found++
			if err := parses(t, args); err != nil {
				t.Errorf("%s: `ebb %s` in %q: %v", where, strings.Join(args, " "), text, err)
			}
		}
	}
	if found < 10 {
		t.Errorf("%d commands found in the texts of the program; is the pattern right?", found)
	}
}

// commandWords are the words of a sentence that belong to the command line: its
// command with subcommands, then flags and what stands for arguments.
func commandWords(commands []*kong.Node, words []string) (args []string) {
	for n, word := range words {
		at := slices.IndexFunc(commands, func(c *kong.Node) bool { return c.Name == word })
		switch {
		case at >= 0:
			commands = commands[at].Children
		case n > 0 && word == strings.ToUpper(word), strings.HasPrefix(word, "--"):
			commands = nil
		case n > 0 && strings.HasPrefix(words[n-1], "--") && strings.Contains(word, "_"): // a value such as sink_refused
		default:
			return args
		}
		args = append(args, word)
	}

	return args
}

// literals collects the text of every string in the Go files below a folder, and
// where it stands. What is put together with + is one text.
func literals(t *testing.T, folder string, texts map[string]string) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && entry.Name() == "node_modules" {
			return errorsOr(err, fs.SkipDir)
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			expression, ok := node.(ast.Expr)
			if !ok {
				return true
			}
			if text, whole := joined(expression); whole {
				texts[text] = files.Position(node.Pos()).String()

				return false
			}

			return true
		})

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func errorsOr(err, otherwise error) error {
	if err != nil {
		return err
	}

	return otherwise
}

// joined is the text of a string, or of strings joined by +.
func joined(expression ast.Expr) (string, bool) {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)

		return text, err == nil
	case *ast.BinaryExpr:
		left, ok := joined(e.X)
		right, also := joined(e.Y)

		return left + right, ok && also && e.Op == token.ADD
	}

	return "", false
}

// settingInText is what may be the name of a setting within a sentence.
var settingInText = regexp.MustCompile(`(--)?\b([a-z]+(?:\.[a-z_]+)+)\b`)

// Whatever a text of the program calls a setting, or a flag, is one.
func TestSettingsInTextsAreSettings(t *testing.T) {
	clearEnvironment(t)
	known, err := setting.Names()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, folder := range []string{"cmd/ebb", "pipeline", "sinks", "deploy/local"} {
		literals(t, filepath.Join(root, folder), texts)
	}
	sections := map[string]bool{}
	for _, name := range known {
		section, _, _ := strings.Cut(name, ".")
		sections[section] = strings.Contains(name, ".")
	}
	inMappings := []string{"vocabulary.types", "fields.kind"} // keys of a file that is no configuration
	found := 0
	for text, where := range texts {
		if !strings.Contains(text, " ") || strings.Contains(text, "SELECT") || strings.Contains(text, "`yaml:") {
			continue // a name, a query, a tag
		}
		for _, match := range settingInText.FindAllStringSubmatch(text, -1) {
			flag, name := match[1] != "", match[2]
			section, _, _ := strings.Cut(name, ".")
			if !flag && !sections[section] || slices.Contains(inMappings, name) {
				continue // an event type, a subject, a file
			}
			found++
			if !slices.Contains(known, name) && !setting.IsSection(known, name) {
				t.Errorf("%s: %s in %q is no setting", where, name, text)
			}
		}
	}
	if found < 30 {
		t.Errorf("%d settings found in the texts of the program; is the pattern right?", found)
	}
}
