package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
)

// configCommand is `ebb config`.
type configCommand struct {
	Show    showConfig    `cmd:"" help:"Show the settings that are in force, and since when."`
	Diff    diffConfig    `cmd:"" help:"Say what these settings, or a former version, would change."`
	Apply   applyConfig   `cmd:"" help:"Put these settings, or a former version, into force."`
	History historyConfig `cmd:"" help:"Show all versions, and what each changed."`
}

// configVersion is a version of the configuration as --json prints it.
type configVersion struct {
	Version  uint64               `json:"version"`
	At       time.Time            `json:"at"`
	Changes  []meaning.Difference `json:"changes"` // against the version before
	Settings []meaning.Setting    `json:"settings,omitempty"`
}

// showConfig is `ebb config show`.
type showConfig struct {
	Version        uint64 `name:"version" placeholder:"N" help:"A former version. Without it the newest."`
	JSON           bool   `name:"json" help:"Print JSON."`
	setting.Config `embed:""`
}

// Help is shown by ebb config show --help.
func (showConfig) Help() string {
	return "Shows the settings that change what is published, as they would stand in a configuration file, and where each partition " +
		"has taken them over: at which record, and at what time of its clock.\n\n" +
		term.Examples("ebb config show", "ebb config show --version 3", "ebb config show --json | jq .partitions")
}

// configStatus is what `ebb config show --json` prints.
type configStatus struct {
	configVersion

	Partitions []configPartition `json:"partitions"`
}

type configPartition struct {
	Partition int       `json:"partition"`
	Version   uint64    `json:"version"`        // in force up to where it is committed
	Since     uint64    `json:"since"`          // record that brought it; 0: the partition began with it
	Time      time.Time `json:"time,omitzero"`  // the partition's clock then
	Hash      string    `json:"hash,omitempty"` // of the configuration
}

// Run shows it.
func (c *showConfig) Run(ctx context.Context, to call.Streams) error {
	return c.WithConfigs(ctx, func(js natsjs.JetStream, configs *jetstream.Configs) error {
		kept, err := setting.VersionOrNewest(ctx, configs, c.Version)
		if err != nil {
			return err
		}
		status := configStatus{configVersion: configVersion{Version: kept.Version, At: kept.At.UTC(), Settings: kept.Config.Settings()}}
		if status.Partitions, err = configPartitions(ctx, js, c.Layout()); err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(to.Out).Encode(status)
		}

		return status.print(to.Out)
	})
}

func configPartitions(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) ([]configPartition, error) {
	manifests, err := jetstream.NewManifests(ctx, js, layout)
	if err != nil {
		return nil, err
	}
	partitions := make([]configPartition, layout.Partitions)
	for i := range partitions {
		manifest, _, err := manifests.Load(ctx, i)
		if err != nil {
			return nil, err
		}
		f := manifest.Config
		if f.Version == 0 { // nothing was committed yet
			f.Version = manifest.Base.Config
		}
		partitions[i] = configPartition{i, f.Version, f.Since, term.TimeOf(f.Clock), f.Hash}
	}

	return partitions, nil
}

// print writes the settings as lines of a file, and the rest as its comments.
func (s *configStatus) print(to io.Writer) error {
	w := &term.Writer{To: to}
	w.Line("# Version %d, made %s.", s.Version, term.TimeText(s.At))
	s.printForce(w)
	list := ""
	for _, setting := range s.Settings {
		switch {
		case setting.Item != "":
			if list != setting.Name {
				w.Line("%s:", setting.Name)
			}
			item := setting.Item
			if setting.Name == "vocabulary" {
				item += "=" + setting.Value
			}
			w.Line("  - %q", item)
		case setting.Value != "":
			w.Line("%s: %s", setting.Name, setting.Value)
		}
		list = setting.Name
	}

	return w.Err
}

// diffConfig is `ebb config diff`.
type diffConfig struct {
	Version        uint64 `name:"version" placeholder:"N" help:"A former version, in place of these settings."`
	JSON           bool   `name:"json" help:"Print JSON."`
	setting.Config `embed:""`
}

// Help is shown by ebb config diff --help.
func (diffConfig) Help() string {
	return "Compares the settings of the file, the variables and the flags with those in force, setting by setting, and changes nothing. " +
		"Operation settings, such as addresses, are compared with nothing: they are each instance's own.\n\n" +
		term.Examples("ebb config diff --config ebb.yaml", "ebb config diff --churn.horizon 60d", "ebb config diff --version 3 --json")
}

// Run compares.
func (c *diffConfig) Run(ctx context.Context, to call.Streams) error {
	return c.WithConfigs(ctx, func(_ natsjs.JetStream, configs *jetstream.Configs) error {
		newest, err := setting.VersionOrNewest(ctx, configs, 0)
		if err != nil {
			return err
		}
		config, err := c.Wanted(ctx, configs, c.Version)
		if err != nil {
			return err
		}
		changes := meaning.Differences(&newest.Config, &config)
		identity := own.CheckIdentity(&newest.Config, &config)
		if c.JSON {
			err = json.NewEncoder(to.Out).Encode(configVersion{Version: newest.Version, At: newest.At.UTC(), Changes: orEmpty(changes)})

			return errors.Join(err, identity)
		}
		fmt.Fprintf(to.Out, "Against version %d, which is in force since %s:\n", newest.Version, term.TimeText(newest.At))

		return errors.Join(printChanges(to.Out, changes), identity)
	})
}

// printChanges writes what changes, a setting a line.
func printChanges(to io.Writer, changes []meaning.Difference) error {
	w := &term.Writer{To: to}
	for _, sentence := range meaning.Sentences(changes) {
		w.Line("%s", term.Wrapped("  "+term.Printable(sentence), "    "))
	}
	if len(changes) == 0 {
		w.Line("  nothing changes")
	}

	return w.Err
}

// applyConfig is `ebb config apply`.
type applyConfig struct {
	Version        uint64 `name:"version" placeholder:"N" help:"A former version, in place of these settings: its settings become the newest version again."`
	JSON           bool   `name:"json" help:"Print JSON."`
	setting.Config `embed:""`
}

// Help is shown by ebb config apply --help.
func (applyConfig) Help() string {
	return "Puts the settings of the file, the variables and the flags into force while ebb run runs, from the next record of every partition on. " +
		"Nothing is lost by it, and a replay of the stream changes them at the same places. " +
		"When ebb run begins, it puts the settings of its own file into force: edit that file too.\n\n" +
		term.Examples("ebb config apply --config ebb.yaml", "ebb config apply --version 3", "ebb config apply --config ebb.yaml --json")
}

// Run applies.
func (c *applyConfig) Run(ctx context.Context, to call.Streams) error {
	return c.WithConfigs(ctx, func(_ natsjs.JetStream, configs *jetstream.Configs) error {
		if _, err := setting.VersionOrNewest(ctx, configs, 0); err != nil {
			return err
		}
		config, err := c.Wanted(ctx, configs, c.Version)
		if err != nil {
			return err
		}
		adopted, err := own.Adopt(ctx, configs, config)
		if err != nil {
			return err
		}
		for partition := range config.Partitions { // one that is told twice changes nothing
			if err := configs.Announce(ctx, partition, adopted.Body); err != nil {
				return fmt.Errorf("version %d is made, but not all partitions have it yet, which a running ebb sees to: %w", adopted.KeptConfig.Version, err)
			}
		}
		made := configVersion{Version: adopted.KeptConfig.Version, At: adopted.At.UTC(), Changes: orEmpty(adopted.Changes)}
		if c.JSON {
			return json.NewEncoder(to.Out).Encode(made)
		}
		if len(adopted.Changes) == 0 {
			fmt.Fprintf(to.Out, "Version %d has these settings already.\n", made.Version)

			return nil
		}
		fmt.Fprintf(to.Out, "Version %d is in force from the next record of every partition on:\n", made.Version)
		if err := printChanges(to.Out, adopted.Changes); err != nil {
			return err
		}
		_, err = fmt.Fprintln(to.Out, term.Wrapped("When `ebb run` begins, the settings of its own file hold: edit it too.", ""))

		return err
	})
}

// historyConfig is `ebb config history`.
type historyConfig struct {
	Limit          int  `name:"limit" default:"20" placeholder:"N" help:"At most so many of the newest; 0 for all."`
	JSON           bool `name:"json" help:"Print a line of JSON each."`
	setting.Config `embed:""`
}

// Help is shown by ebb config history --help.
func (historyConfig) Help() string {
	return "Shows when the configuration was changed, and what each change was.\n\n" +
		term.Examples("ebb config history", "ebb config history --limit 0 --json | jq -c '{version, at, changes}'")
}

// Run shows it, the oldest first.
func (c *historyConfig) Run(ctx context.Context, to call.Streams) error {
	return c.WithConfigs(ctx, func(_ natsjs.JetStream, configs *jetstream.Configs) error {
		newest, err := setting.VersionOrNewest(ctx, configs, 0)
		if err != nil {
			return err
		}
		first := uint64(1)
		if c.Limit > 0 && newest.Version > uint64(c.Limit) {
			first = newest.Version - uint64(c.Limit) + 1
		}
		var before own.KeptConfig
		if first > 1 {
			if before, err = configs.Version(ctx, first-1); err != nil {
				return err
			}
		}
		for version := first; version <= newest.Version; version++ {
			kept, err := configs.Version(ctx, version)
			if err != nil {
				return err
			}
			if err := printVersion(to.Out, &before, &kept, c.JSON); err != nil {
				return err
			}
			before = kept
		}

		return nil
	})
}

func printVersion(to io.Writer, before, kept *own.KeptConfig, asJSON bool) error {
	v := configVersion{Version: kept.Version, At: kept.At.UTC(), Changes: []meaning.Difference{}}
	if before.Version > 0 {
		v.Changes = orEmpty(meaning.Differences(&before.Config, &kept.Config))
	}
	if asJSON {
		return json.NewEncoder(to).Encode(v)
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "version %d\t%s\n", v.Version, term.TimeText(v.At))
	if err := table.Flush(); err != nil {
		return err
	}
	if before.Version == 0 {
		_, err := fmt.Fprintln(to, "  the first")

		return err
	}

	return printChanges(to, v.Changes)
}

func orEmpty(changes []meaning.Difference) []meaning.Difference {
	if changes == nil {
		return []meaning.Difference{}
	}

	return changes
}
