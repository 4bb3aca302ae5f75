package status

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/section"
	"ebb/pipeline/shard"
)

// Print shows the status to a person.
func (s *Status) Print(to io.Writer, given call.Given) error {
	table := tabwriter.NewWriter(&term.Writer{To: to}, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "Stream %s: %d messages, sequences %d to %d, %.1f MB, last at %s\n",
		s.Stream.Name, s.Stream.Messages, s.Stream.First, s.Stream.Last, float64(s.Stream.Bytes)/1e6, term.TimeText(s.Stream.LastTime))
	if s.Import != nil {
		fmt.Fprintf(table, "Import of %s: %s, %d events\n", term.Printable(s.Import.Source), s.Import.State, s.Import.Rows)
	}

	s.printClocks(table, given)
	s.printFeed(table)
	s.printGone(table)
	s.printFormats(table)
	s.Loss.print(table)
	s.printOwners(table)
	fmt.Fprintln(table, "\nPARTITION\tCURSOR\tBEHIND\tAT\tCUT\tSNAPSHOT\tGENERATION")
	for _, p := range s.Partitions {
		if !p.Started {
			fmt.Fprintf(table, "%d\tnot started\t%d\t\t\t\t\n", p.Partition, p.Behind)

			continue
		}
		fmt.Fprintf(table, "%d\t%d\t%d\t%s\t%d\t%d\t%d\n",
			p.Partition, p.Cursor, p.Behind, term.TimeText(p.CursorTime), p.Cut, p.Snapshot, p.Generation)
	}

	s.printSources(table)
	if len(s.Sink) > 0 {
		fmt.Fprintln(table, "\nCLICKHOUSE\tWRITTEN\tBEHIND\tOLDEST")
		for _, p := range s.Sink {
			oldest := ""
			if p.Oldest != nil {
				oldest = term.TimeText(*p.Oldest)
			}
			fmt.Fprintf(table, "%s\t%d\t%d\t%s\n", p.Stream, p.Written, p.Behind, oldest)
		}
	}
	if len(s.Readers) > 0 {
		fmt.Fprintln(table, "\nREADER\tSTREAM\tPENDING")
		for _, r := range s.Readers {
			fmt.Fprintf(table, "%s\t%s\t%d\n", term.Printable(r.Name), r.Stream, r.Pending)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	s.Signals.print(table)
	s.Quality.print(table)

	return table.Flush()
}

// printFormats says of which format the snapshots are, and whether this ebb can go
// on from them.
func (s *Status) printFormats(to io.Writer) {
	formats := map[int]int{}
	for _, p := range s.Partitions {
		if p.Format > 0 {
			formats[p.Format]++
		}
	}
	for _, format := range slices.Sorted(maps.Keys(formats)) {
		fmt.Fprintf(to, "Snapshots of format %d: %d; this ebb writes format %d\n", format, formats[format], section.Format)
	}
	for _, p := range s.Partitions {
		if err := p.Sections.Check(shard.SnapshotVersions()); err != nil {
			fmt.Fprintln(to, term.Wrapped(fmt.Sprintf("Partition %d can't be run by this ebb: %v", p.Partition, err), "  "))

			return // the others say the same
		}
	}
}

// printGone says how many customers are no longer known, if any are.
func (s *Status) printGone(to io.Writer) {
	var left, room uint64
	for _, p := range s.Partitions {
		left += p.Gone.Left
		room += p.Gone.RoomMade
	}
	if left > 0 {
		fmt.Fprintf(to, "Customers who left after a long silence (customers.keep): %d\n", left)
	}
	if room > 0 {
		fmt.Fprintf(to, "Customers who made room for new ones: %d; max_customers was reached.\n", room)
	}
}

// printFeed says what is silent in how many partitions, if anything is.
func (s *Status) printFeed(to io.Writer) {
	held, partitions, since := 0, 0, time.Time{}
	silent := map[string]int{}
	for _, p := range s.Partitions {
		held += p.Feed.Held
		if p.Feed.Since == nil {
			continue
		}
		partitions++
		if since.IsZero() || p.Feed.Since.Before(since) {
			since = *p.Feed.Since
		}
		if p.Feed.Silent {
			silent["all"]++
		}
		for _, channel := range p.Feed.Channels {
			silent[channel]++
		}
	}
	if partitions > 0 {
		fmt.Fprintf(to, "\nThe input is SILENT in %d of %d partitions since %s. Check the producers and the way from them to NATS.\n",
			partitions, len(s.Partitions), term.TimeText(since))
		for _, channel := range slices.Sorted(maps.Keys(silent)) {
			fmt.Fprintf(to, "  %s: in %d partitions\n", term.Printable(channel), silent[channel])
		}
	}
	if held > 0 {
		fmt.Fprintf(to, "Signals of %d customers are held: published if still due once the feed is back, else dropped.\n", held)
	}
}

// printOwners says which instance has taken which partitions over.
func (s *Status) printOwners(to io.Writer) {
	by := map[string][]int{}
	for _, p := range s.Partitions {
		if p.Started {
			by[p.Owner] = append(by[p.Owner], p.Partition)
		}
	}
	for _, owner := range slices.Sorted(maps.Keys(by)) {
		if owner != "" {
			fmt.Fprintf(to, "Taken over by %s: partitions %s\n", term.Printable(owner), term.Ranges(by[owner]))
		}
	}
	if free := by[""]; len(free) > 0 {
		fmt.Fprintf(to, "Released by who ran them: partitions %s\n", term.Ranges(free))
	}
}
