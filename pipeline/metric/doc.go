// Package metric is the registry of what ebb measures: one short file a metric, with its
// proof in SQL beside it in folder sql, in five families:
//
//   - windowed (Metric): what events add to windows, such as sentiment.go;
//   - columns (StateColumn): bytes that are kept of every customer, so that metrics can
//     tell what an event means to this one, such as stage.go for journey.go;
//   - census (Census): which customers there are, once a calendar day, such as lifecycle.go;
//   - cohorts (Cohort): what came of what was sent on a day, such as campaigns.go;
//   - derived (Derived): views over the others, in folder views, such as word_of_mouth.go.
//
// It promises that a declaration is all that a metric needs. From it follow, without
// another line: the keys and slots of a shard's windows, the messages (pipeline/wire,
// MetricSchema), the table of ClickHouse with its codecs, view and time to live, the
// columns of a sink, the checks of rows, the proof by sinks/clickhouse/verify, and what
// `ebb metrics` says. A test fails for a metric that lacks a part, and one for a figure
// without the measure that it divides by.
//
// A metric is pure: what it counts follows from one event, the vocabulary, and the
// columns of the event's customer as they were before it. It keeps no other state.
// Metrics that read columns follow the order of the stream (Metric.Ordered); all others
// don't care in which order events come.
//
// Read metric.go first, then sentiment.go as an example, then registry.go, which lists
// them all; then column.go, census.go, cohort.go and derived.go.
package metric
