package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"time"

	"ebb/pipeline/backtest"
)

//go:embed page.html
var source string

// Write writes the page.
func Write(w io.Writer, r *backtest.Report) error {
	page, err := template.New("page").Parse(source)
	if err != nil {
		return fmt.Errorf("backtest page: %w", err)
	}
	if err := page.Execute(w, contentOf(r)); err != nil {
		return fmt.Errorf("write the backtest page: %w", err)
	}

	return nil
}

// content is what the template is given: words, cards and plots, in the order
// in which they are read.
type content struct {
	Source, About string
	Verdict       backtest.Verdict
	Tiles         []tile
	Named         named
	SparkFrom     string
	SparkTo       string
	Plots         []plot
	Portraits     []plot
	Rows          string
	Tables        []table
	Horizon       string
	InTime        string
}

func contentOf(r *backtest.Report) content {
	return content{
		Source: r.Log.Source,
		About: fmt.Sprintf("%s, %s to %s. Lost is who does not come back within %s.",
			backtest.Counted(r.Log.Customers, "customer", "customers"), when(r, r.Log.First), when(r, r.Log.Last), backtest.Span(float64(r.Horizon))),
		Verdict:   r.Verdict(),
		Tiles:     tiles(r),
		Named:     namedOf(r),
		SparkFrom: when(r, sparkFrom(r)),
		SparkTo:   when(r, r.Log.Last),
		Plots:     plots(r),
		Portraits: portraits(r),
		Rows: fmt.Sprintf("%d evaluation times with %s customers still active in all; %s of them had no qualifying event in the horizon of %s that followed.",
			r.Times, backtest.Count(r.Rows), r.BaseRate.Percent(), backtest.Span(float64(r.Horizon))),
		Tables:  tables(r),
		Horizon: backtest.Span(float64(r.Horizon)),
		InTime:  backtest.Span(0.6 * float64(r.Horizon)),
	}
}

// tile is a number that is read first.
type tile struct{ Number, Words, Beside string }

// tiles are the numbers of the first screen, those that there are.
func tiles(r *backtest.Report) []tile {
	s, rule := &r.Signals, &r.RuleSilentFor
	if s.Raised == 0 {
		return nil
	}
	horizon := backtest.Span(float64(r.Horizon))
	ruled := rule.Raised > 0
	list := []tile{{backtest.OfMany(s.Precision, s.Raised), "of those told of did not come back", "promised: " + backtest.OfMany(s.Promised, s.Raised)}}
	if ruled {
		list[0].Beside += "; by silence alone: " + backtest.OfMany(rule.Precision, rule.Raised)
	}
	if s.Losses > 0 {
		told := tile{backtest.OfMany(s.RecallInTime, s.Losses), "losses were told in time", ""}
		if ruled {
			told.Beside = "by silence alone: " + backtest.OfMany(rule.RecallInTime, s.Losses)
		}
		list = append(list, told)
	}
	if often := backtest.Often(float64(s.PerDay)); often != "" {
		act := tile{often, "customers to act on", ""}
		if share := float64(s.ShareSignalled); share > 0 && !math.IsInf(share, 0) {
			act.Beside = fmt.Sprintf("%.0f for every 100 active customers in %s", 100*share, horizon)
		}
		list = append(list, act)
	}
	if len(s.Money) > 0 {
		m := s.Money[0]
		list = append(list, tile{backtest.Amount(m.Lost, m.Currency), "in " + horizon + " is what those who did not come back used to bring",
			"of " + backtest.Amount(m.Value, m.Currency) + " from all told of"})
	} else {
		list = append(list, tile{backtest.Span(float64(s.DaysAfter) * dayMS), "after the last visit, half of the messages have come", ""})
	}

	return list
}

const dateLayout = "2 Jan 2006"

func date(ms int64) string { return time.UnixMilli(ms).UTC().Format(dateLayout) }

// when is a time with the hour where the whole file has few days.
func when(r *backtest.Report, ms int64) string {
	if r.Log.Last-r.Log.First < 4*dayMS {
		return time.UnixMilli(ms).UTC().Format(dateLayout + ", 15:04")
	}

	return date(ms)
}

const dayMS = 86_400_000
