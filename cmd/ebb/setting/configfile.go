package setting

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// FileResolver gives settings the values of the config file, where neither a
// flag nor a variable has set them. It belongs to one parse.
type FileResolver struct {
	values map[string]string // nil until the file has been read
	Err    error             // of reading it; the parser would blame it on some flag
}

// Validate does nothing: the file is known only when the flags are.
func (*FileResolver) Validate(*kong.Application) error { return nil }

// Resolve returns the file's value of a setting, or nil.
func (r *FileResolver) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if r.values == nil {
		r.values, r.Err = readConfigFile(configPath(ctx))
	}
	// The parser would let a resolver win over a variable.
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	if value, ok := r.values[flag.Name]; ok && flag.Group != nil {
		return value, nil
	}

	return nil, nil
}

// configPath is the value of --config, from the command line or EBB_CONFIG.
func configPath(ctx *kong.Context) string {
	for _, flag := range ctx.Model.Flags {
		if flag.Name == "config" {
			path, _ := ctx.FlagValue(flag).(string)

			return path
		}
	}

	return ""
}

// readConfigFile returns the settings of a YAML file by key, as the text that
// a flag would take. An empty path has none. Keys that are no setting are
// errors, all of them at once.
func readConfigFile(path string) (map[string]string, error) {
	values := map[string]string{}
	if path == "" {
		return values, nil
	}
	tree := koanf.New(".")
	if err := tree.Load(file.Provider(path), yaml.Parser()); err != nil {
		return values, fmt.Errorf("config file %s: %w", path, err)
	}
	known, err := Names()
	if err != nil {
		return values, err
	}

	var problems []error
	for _, key := range tree.Keys() {
		text, err := settingText(key, tree.Get(key))
		switch {
		case tree.Get(key) == nil && (slices.Contains(known, key) || IsSection(known, key)):
			// `key:` with nothing behind it leaves the default.
		case !slices.Contains(known, key):
			problems = append(problems, fmt.Errorf("config file %s: %w", path, unknownSetting(key, known)))
		case err != nil:
			problems = append(problems, fmt.Errorf("config file %s: %s %w", path, key, err))
		default:
			values[key] = text
		}
	}

	return values, errors.Join(problems...)
}

// settingText writes a YAML value the way a flag takes it.
func settingText(key string, value any) (string, error) {
	list, ok := value.([]any)
	if !ok {
		return fmt.Sprint(value), nil
	}
	texts := make([]string, len(list))
	for i, item := range list {
		if fields, isMap := item.(map[string]any); isMap && (key == "rollups" || key == "sources") {
			write := rollupText
			if key == "sources" {
				write = sourceText
			}
			text, err := write(fields)
			if err != nil {
				return "", err
			}
			texts[i] = text

			continue
		}
		text, ok := item.(string)
		if !ok || strings.Contains(text, ",") {
			return "", fmt.Errorf("has the list item %v; write each item as a text without commas", item)
		}
		texts[i] = text
	}

	return strings.Join(texts, ","), nil
}

// Names lists the keys of all settings.
func Names() ([]string, error) {
	flags, err := ConfigModel()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(flags))
	for i, flag := range flags {
		names[i] = flag.Name
	}

	return names, nil
}

// IsSection tells whether a key of a file begins the names of settings.
func IsSection(known []string, key string) bool {
	return slices.ContainsFunc(known, func(name string) bool { return strings.HasPrefix(name, key+".") })
}
