package dashboards

// pipeline is for who runs ebb: whether events come through, in time and whole.
func pipeline() board {
	return board{
		uid: pipelineUID, title: "ebb pipeline", operations: true,
		asked: "Do events come through, in time and whole?",
		howTo: "Green above: they do. What waits in NATS and how long a commit takes is in the metrics on `/metrics`; " +
			"`ebb status` says which partition is behind, and on what.",
		annotations: []annotation{silences(), changes()},
		panels: []*panel{
			figure(says("Events a second", "short", "Accepted events a second, of the newest five minutes that all partitions have published."),
				"pipeline/throughput_now").decimals(1).colored(blue),
			figure(says("Slowest partition", "s", "How far the clock of the slowest partition is behind now; in a frozen import, the age of the history."),
				"overview/freshness").steps(step{color: green}, step{300, yellow}, step{900, vermillion}),
			figure(says("Watermark behind", "s", "How far the oldest watermark is behind now: the lag and the allowed lateness. What came before it is final."),
				"pipeline/watermark_now").steps(step{color: green}, step{4500, yellow}, step{9000, vermillion}),
			figure(says("Too late", "percentunit", "Share of the time range's events that came after the allowed lateness, and count nowhere."),
				"pipeline/late_share").decimals(2).steps(step{color: green}, step{0.005, yellow}, step{0.02, vermillion}).empty("no events in this range"),
			figure(says("Refused", "percentunit", "Share of the time range's records that were set aside as dead letters."),
				"pipeline/dead_letter_share").decimals(2).steps(step{color: green}, step{0.002, yellow}, step{0.01, vermillion}).empty("no events in this range"),
			figure(says("Came again", "percentunit", "Share of the time range's events that had come before, and were not counted again. Producers that resend are no fault."),
				"pipeline/duplicate_share").decimals(2).empty("no events in this range"),

			lines(of("pipeline", "processed").titled("Throughput").and("Here a second, by the streams' time."), "pipeline/throughput").fromZero().
				column("per_second", named("events a second")),
			bars(says("Records", "short", "What became of the records, by the streams' time: counted, seen before, refused, or too late."), "pipeline/records").
				column("processed", color(blue), named("counted")).
				column("duplicates", color(grey), named("seen before")).
				column("dead_letters", color(vermillion), named("refused")).
				column("late", color(orange), named("too late")),
			lines(says("Lag", "s", "How far the partitions' clocks were behind when their rows were written: the slowest, and the middle one."), "pipeline/lag").fromZero().
				column("slowest", color(orange)).column("middle", color(blue)),
			bars(says("Written to ClickHouse", "short", "Messages that the sink wrote, by stream and the database's clock. Flat while events come: rows wait in NATS."), "pipeline/written").
				labeled("messages", "stream", []hue{{"ENGAGEMENT_ROLLUPS", blue}, {"ENGAGEMENT_SIGNALS", orange}, {"ENGAGEMENT_DEADLETTERS", vermillion}}),
			ranked(says("Refused, by reason", "short", "Dead letters of the time range by why. `ebb deadletters list` shows them with the remedy."), "pipeline/deadletter_reasons").
				colored(vermillion).empty("Nothing was refused in this range"),
			ranked(says("Since the last write", "s", "How long ago each partition last wrote something, those waiting longest. Partitions write every minute, events or not."),
				"pipeline/commits").column("age", named("ago")),

			list(of("feed", "silent_partitions").titled("Feed"), "overview/feed").sized(halfWidth, 6).
				empty("Nothing is silent: events come as usual").
				column("silent_partitions", named("partitions")).
				column("silent_since", unit("dateTimeFromNow"), named("silent since")),
			list(says("Sink", "short", "Up to where the sink has written each stream, when it last did, and how many messages a minute of the range."), "pipeline/sink").sized(halfWidth, 6).decimals(0).
				empty("the sink wrote nothing in this range").
				column("written_up_to", named("written up to"), unit("none")).
				column("last_saved", named("last"), unit("dateTimeFromNow")).
				column("messages_a_minute", named("a minute")),
			list(says("Too late, by type", "s", "Types of the events of the time range that came too late, and by how much."), "pipeline/late_types").sized(fullWidth, 6).
				empty("No event came too late in this range").
				column("events", unit("short")).
				column("median_late", named("late by (median)")).
				column("most_late", named("at most")),
			list(says("Partitions", "short", "Clock, watermark and lag of every partition, and what became of its records since the stream began."), "pipeline/partitions").sized(fullWidth, chartHeight).
				column("partition", width(80)).
				column("clock", unit("dateTimeFromNow")).
				column("watermark", unit("dateTimeFromNow")).
				column("lag_seconds", unit("s"), named("behind"), places(0)).
				column("dead_letters", named("refused")).
				column("late_dropped", named("too late")),
		},
	}
}
