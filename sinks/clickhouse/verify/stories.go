package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// storied are the reports of what signals say.
func storied() []string { return []string{"signals", "reasons", "values"} }

// stories proves what signals say, span by span: within one nothing changes that
// the history of a customer depends on. Customers whose history began before a
// span are left out in it, and counted.
func stories(ctx context.Context, conn driver.Conn, s *Settings, chunks []chunk, since string, report *Report, progress func(string)) error {
	spans, err := spansOf(ctx, conn)
	if err != nil {
		return err
	}
	var tables []TableReport
	for _, table := range storied() {
		if s.wants(table) {
			tables = append(tables, TableReport{Table: table})
		}
	}
	for span, version := range spans {
		parameters := s.of(version).parameters()
		parameters["era"], parameters["version"] = strconv.FormatInt(s.Era, 10), strconv.FormatUint(s.Version, 10)
		parameters["span"], parameters["since"] = strconv.Itoa(span), since
		var spoken uint64
		if err := row(ctx, conn, "spoken.sql", parameters, &spoken); err != nil {
			return err
		}
		if spoken == 0 {
			continue // no signal to prove, and none is missing that SQL could know of
		}
		if err := tellStory(ctx, conn, parameters, chunks, span, progress); err != nil {
			return err
		}
		for _, c := range chunks {
			if err := compareStory(ctx, conn, s, c.in(parameters), tables); err != nil {
				return err
			}
		}
		if span == 0 {
			continue
		}
		var unproved uint64
		if err := row(ctx, conn, "unproved.sql", parameters, &unproved); err != nil {
			return err
		}
		report.Unproved += unproved
	}
	report.Tables = append(report.Tables, tables...)

	return nil
}

// spansOf are the versions in force where the spans begin.
func spansOf(ctx context.Context, conn driver.Conn) ([]uint64, error) {
	found, err := conn.Query(ctx, "SELECT span, min(config), max(config) FROM verify_spans GROUP BY span ORDER BY span")
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	defer found.Close()
	var spans []uint64
	for found.Next() {
		var span uint32
		var least, most uint64
		if err := found.Scan(&span, &least, &most); err != nil {
			return nil, fmt.Errorf("verify: %w", err)
		}
		if least != most {
			return nil, fmt.Errorf("verify: some partitions have skipped a configuration between versions %d and %d; this is not proved", least, most)
		}
		spans = append(spans, least)
	}
	if len(spans) == 0 {
		spans = []uint64{0} // no record at all
	}

	return spans, found.Err()
}

// tellStory derives the histories of a span. Where anybody joined, those who did come
// first, since others bring what they did with them.
func tellStory(ctx context.Context, conn driver.Conn, parameters map[string]string, chunks []chunk, span int, progress func(string)) error {
	brings, err := partitionsOf(ctx, conn, "SELECT DISTINCT partition FROM verify_heard_before")
	if err != nil {
		return err
	}
	if span > 0 || len(brings) > 0 {
		if err := steps(ctx, conn, parameters, chunks, progress, []step{{"crossing.sql", true}}); err != nil {
			return err
		}
	}
	if err := truncate(ctx, conn, "brought", "moments"); err != nil {
		return err
	}
	for _, joining := range []bool{true, false} {
		if joining && len(brings) == 0 {
			continue
		}
		if err := truncate(ctx, conn, "lives", "histories"); err != nil {
			return err
		}
		files := []step{{"lives.sql", true}, {"histories.sql", true}, {"moments.sql", true}}
		if joining {
			files = []step{{"lives.sql", true}, {"histories.sql", true}, {"brought.sql", false}}
		}
		if err := steps(ctx, conn, with(parameters, "joining", strconv.FormatBool(joining)), chunks, progress, files); err != nil {
			return err
		}
	}

	return nil
}

func truncate(ctx context.Context, conn driver.Conn, tables ...string) error {
	for _, table := range tables {
		if err := conn.Exec(ctx, "TRUNCATE TABLE verify_"+table); err != nil {
			return fmt.Errorf("verify: table verify_%s: %w", table, err)
		}
	}

	return nil
}

// compareStory compares what signals say. Their words are those of the
// configuration that was in force.
func compareStory(ctx context.Context, conn driver.Conn, s *Settings, parameters map[string]string, tables []TableReport) error {
	for i := range tables {
		table := &tables[i]
		if table.Table != "reasons" {
			if err := compare(ctx, conn, table.Table+".sql", parameters, table); err != nil {
				return err
			}

			continue
		}
		for _, versions := range s.byWords() {
			first, err := strconv.ParseUint(versions[0], 10, 64)
			if err != nil {
				return err
			}
			said := with(parameters, "config", versions[0], "configs", "["+strings.Join(versions, ",")+"]")
			for name, value := range s.of(first).speech() {
				said[name] = value
			}
			if err := compare(ctx, conn, "reasons.sql", said, table); err != nil {
				return err
			}
		}
	}

	return nil
}

// byWords are the versions whose signals have the same words, together. With the
// first one come signals of no moment, in the place of a version.
func (s *Settings) byWords() (groups [][]string) {
	all := s.all()
	for i, c := range all {
		version := strconv.FormatUint(c.Version, 10)
		same := slices.IndexFunc(all[:i], func(before Change) bool { return before.Settings.speaksLike(&c.Settings) })
		if same < 0 {
			groups = append(groups, []string{version})
			all[i].Version = uint64(len(groups) - 1) // from here on the place of the group

			continue
		}
		all[i].Version = all[same].Version
		groups[all[same].Version] = append(groups[all[same].Version], version)
	}
	if s.Version > 0 {
		groups[0] = append(groups[0], "0")
	}

	return groups
}

// speech is what reasons depend on beside the words and the history.
func (s *Settings) speech() map[string]string {
	return map[string]string{"unusual": decimal(s.Unusual), "contact_cost": decimal(s.ContactCost), "uplift": decimal(s.Uplift)}
}

func (s *Settings) speaksLike(other *Settings) bool {
	return maps.Equal(s.Words, other.Words) && maps.Equal(s.speech(), other.speech())
}
