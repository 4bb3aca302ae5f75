// Command ebbprior fits the prior of the churn model to logs of several
// businesses, and says how good the detector is on each of them with the prior
// fitted to the others.
//
//	ebbprior -data DIR                      the table, each log left out in turn
//	ebbprior -data DIR -write FILE.go       the prior of all logs, as Go
//	ebbprior -delays                        how soon simulated losses are noticed
//
// DIR has the files NAME.csv.gz that -logs names, for which a mapping is
// shipped.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"ebb/pipeline/backtest"
	"ebb/pipeline/churn"
	"ebb/pipeline/meaning"
	"ebb/pipeline/replay"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "ebbprior:", err)
		os.Exit(1)
	}
}

// business is one log with the horizon that suits it.
type business struct {
	name    string
	horizon time.Duration
	log     *backtest.Log
	rows    []churn.Row
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ebbprior", flag.ContinueOnError)
	data := flags.String("data", "", "folder of the logs NAME.csv.gz")
	logs := flags.String("logs", "cdnow=90,online_retail=90,collegemsg=14,oss_infra=180,moodle_la=3", "names and horizons in days")
	write := flags.String("write", "", "write the prior of all logs to this Go file")
	out := flags.String("json", "", "write the reports to this file")
	resamples := flags.Int("resamples", backtest.DefaultResamples, "of the bootstrap")
	simulated := flags.Bool("delays", false, "print how soon simulated losses are noticed instead")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *simulated {
		return delays(ctx)
	}
	if *data == "" {
		return errors.New("-data is empty; name the folder of the logs")
	}
	businesses, err := parse(*logs)
	if err != nil {
		return err
	}
	wide := churn.WidePrior()
	for _, b := range businesses {
		fmt.Fprintf(os.Stderr, "ebbprior: reading %s\n", b.name)
		if err := b.read(ctx, *data, wide); err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
	}
	if *write != "" {
		prior, err := churn.FitPrior(wide, rowsWithout(businesses, nil))
		if err != nil {
			return err
		}

		return os.WriteFile(*write, source(prior), 0o600)
	}

	return judge(ctx, businesses, wide, *resamples, *out)
}

func parse(logs string) ([]*business, error) {
	var businesses []*business
	for _, pair := range strings.Split(logs, ",") {
		name, days, _ := strings.Cut(pair, "=")
		var n float64
		if _, err := fmt.Sscan(days, &n); err != nil || n <= 0 {
			return nil, fmt.Errorf("log %q: write NAME=DAYS, such as cdnow=90", pair)
		}
		businesses = append(businesses, &business{name: name, horizon: time.Duration(n * 24 * float64(time.Hour))})
	}

	return businesses, nil
}

func (b *business) config(prior *churn.Prior) churn.Config {
	config := churn.Defaults()
	config.Horizon = b.horizon.Milliseconds()
	config.Dwell = min(config.Dwell, config.Horizon/8)
	config.Prior = prior

	return config
}

// read reads the log, and the rows to learn a prior from.
func (b *business) read(ctx context.Context, folder string, wide *churn.Prior) error {
	mapping, err := replay.ShippedMapping(b.name)
	if err != nil {
		return err
	}
	defaults := meaning.DefaultConfig()
	source := replay.FileSource(filepath.Join(folder, b.name+".csv.gz"))
	b.log, err = backtest.Read(ctx, source, mapping, backtest.ReadOptions{
		Vocabulary: defaults.Vocabulary, Lateness: defaults.Lateness, Skew: defaults.Skew,
		ScannerWithin: time.Duration(defaults.Churn.ScannerWithin) * time.Millisecond,
	}, nil)
	if err != nil {
		return err
	}
	b.rows, err = backtest.LearningRows(ctx, b.log, b.config(wide))

	return err
}

func rowsWithout(businesses []*business, left *business) [][]churn.Row {
	var rows [][]churn.Row
	for _, b := range businesses {
		if b != left {
			rows = append(rows, b.rows)
		}
	}

	return rows
}
