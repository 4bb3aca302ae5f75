// Package metric is the registry of what ebb measures by windows: one short file a
// metric, with its proof in SQL beside it in folder sql.
//
// It promises that a declaration is all that a metric needs. From it follow, without
// another line: the keys and slots of a shard's windows, the messages
// (pipeline/wire, MetricSchema), the table of ClickHouse with its codecs, view and
// time to live, the columns of a sink, the checks of rows, the proof by
// sinks/clickhouse/verify, and what `ebb metrics` says. A test fails for a metric
// that lacks a part, and one for a figure without the measure that it divides by.
//
// A metric is pure: what it counts follows from one event, the vocabulary, and the
// columns of the event's customer as they were before it; see column.go. It keeps no
// other state; windows add up what it says. Metrics that read columns follow the order
// of the stream, where all others don't care in which order events come. Read
// metric.go first, then sentiment.go as an example, then registry.go; for columns
// journey.go and stage.go.
package metric
