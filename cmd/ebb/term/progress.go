package term

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Progress shows how far long work has come: a bar with rate and time left on
// a terminal, a line every few seconds elsewhere.
type Progress struct {
	to     io.Writer
	label  string
	Bar    *progressbar.ProgressBar // nil where there is no terminal
	screen int                      // file descriptor of the terminal
	total  uint64
	Began  time.Time
	Told   time.Time
	before uint64 // done when it began
}

const (
	// ProgressLineEvery is how often a line tells of it where there is no terminal.
	ProgressLineEvery = 5 * time.Second

	// barWidth is the bar alone, barColumns all that stands behind the words.
	barWidth   = 10
	barColumns = barWidth + 45
)

// NewProgress shows how far long work has come, under a label.
func NewProgress(to io.Writer, label string) *Progress {
	p := &Progress{to: to, label: label, Began: time.Now(), Told: time.Now()}
	if file, ok := to.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.screen = int(file.Fd())
		p.Bar = progressbar.NewOptions64(-1,
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

// Set says that done of total is done, and what else there is to see.
func (p *Progress) Set(done, total uint64, rest string) {
	if p.total == 0 {
		p.before = done
	}
	p.total = total
	if p.Bar != nil {
		p.Bar.ChangeMax64(int64(total))
		columns, _, err := term.GetSize(p.screen)
		if err != nil {
			columns = 80
		}
		p.Bar.Describe(fitting(p.label+", "+rest, columns-barColumns))
		_ = p.Bar.Set64(int64(done)) // it is only a picture

		return
	}
	if time.Since(p.Told) < ProgressLineEvery {
		return
	}
	p.Told = time.Now()
	rate := float64(done-p.before) / time.Since(p.Began).Seconds()
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

// Close removes the bar.
func (p *Progress) Close() {
	if p.Bar != nil {
		_ = p.Bar.Finish()
	}
}
