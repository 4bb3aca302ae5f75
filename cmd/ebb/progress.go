package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far long work has come: a bar with rate and time left on
// a terminal, a line every few seconds elsewhere.
type progress struct {
	to     io.Writer
	label  string
	bar    *progressbar.ProgressBar // nil where there is no terminal
	screen int                      // file descriptor of the terminal
	total  uint64
	began  time.Time
	told   time.Time
	before uint64 // done when it began
}

const (
	progressLineEvery = 5 * time.Second

	// barWidth is the bar alone, barColumns all that stands behind the words.
	barWidth   = 10
	barColumns = barWidth + 45
)

func newProgress(to io.Writer, label string) *progress {
	p := &progress{to: to, label: label, began: time.Now(), told: time.Now()}
	if file, ok := to.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.screen = int(file.Fd())
		p.bar = progressbar.NewOptions64(-1,
			progressbar.OptionSetWidth(barWidth),
			progressbar.OptionSetWriter(to),
			progressbar.OptionSetDescription(label),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("events"),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}

	return p
}

// set says that done of total is done, and what else there is to see.
func (p *progress) set(done, total uint64, rest string) {
	if p.total == 0 {
		p.before = done
	}
	p.total = total
	if p.bar != nil {
		p.bar.ChangeMax64(int64(total))
		columns, _, err := term.GetSize(p.screen)
		if err != nil {
			columns = 80
		}
		p.bar.Describe(fitting(p.label+", "+rest, columns-barColumns))
		_ = p.bar.Set64(int64(done)) // it is only a picture

		return
	}
	if time.Since(p.told) < progressLineEvery {
		return
	}
	p.told = time.Now()
	rate := float64(done-p.before) / time.Since(p.began).Seconds()
	left := time.Duration(float64(total-min(done, total)) / max(rate, 1) * float64(time.Second))
	fmt.Fprintf(p.to, "%s: %d of %d, %.0f/s, %s left, %s\n", p.label, done, total, rate, left.Round(time.Second), rest)
}

// fitting is as much of a list of words as a line has room for: a line that
// wraps can't be overwritten. The first of them always stays.
func fitting(list string, columns int) string {
	for len(list) > columns {
		last := strings.LastIndex(list, ", ")
		if last < 0 {
			break
		}
		list = list[:last]
	}

	return list
}

// close removes the bar.
func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
