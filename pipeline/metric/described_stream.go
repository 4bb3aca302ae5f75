package metric

// describedStream are the tables of the stream itself: how far it has come, and what
// became of its records.
func describedStream() []Description {
	return []Description{describedFeed(), describedPipeline(), describedLate(), describedDeadLetters()}
}

func describedFeed() Description {
	d := Description{
		Name: "feed", Title: "Silences of the input", FedBy: "a silence of the input, or of one of its channels",
		Definition: "Whether far fewer events come than usual at these hours, as a whole and by each channel that was ever silent. Signals of silence are held meanwhile.",
		Table:      "feed", View: "v_feed", Time: "time",
	}
	d.add(
		Column{Name: "changed", Role: InTime, Derived: true, Definition: "when it last went silent or came back"},
		Column{Name: "since", Role: InTime, Definition: "when the silence began"},
		dimension("channel", "all: the input as a whole; in the table empty"),
		measure("observed", "events", "events of the silence, up to the change"),
		measure("expected", "events", "expected of them, by what is usual at these hours"),
	)
	d.add(derived(
		measure("silent_partitions", "partitions", "partitions in which it is silent now"),
		measure("partitions", "partitions", "partitions in which it ever was"),
	)...)
	d.Stored = stored(
		written(),
		Column{Name: "time", Role: InTime, Definition: "of the change"},
		detail("state", "silent, back, or given_up: silent for too long, what is usual is learned anew"),
		detail("held", "customers of the partition whose signal is held then"),
		detail("released", "signals of the partition held and then published, since the stream began"),
		detail("dropped", "those no longer due when the feed was back, since the stream began"),
	)

	return d
}

func describedPipeline() Description {
	d := Description{
		Name: "pipeline", Title: "Progress of the partitions", FedBy: "any event",
		Definition: "How far each partition has come and what became of its records, by minute. The table counts since the stream began, the view since the row before.",
		Table:      "pipeline", View: "v_pipeline_minutes", Time: "time", Views: []string{"v_pipeline"},
	}
	d.add(
		Column{Name: "time", Role: InTime, Definition: "end of the minute"},
		Column{Name: "clock", Role: InTime, Definition: "the partition's clock"},
		Column{Name: "watermark", Role: InTime, Definition: "clock less the allowed lateness"},
		dimension("partition", "of the customers"),
		measure("processed", "events", "accepted events"),
		measure("duplicates", "events", "events that came again"),
		measure("dead_letters", "records", "records that were set aside"),
		measure("late_dropped", "events", "events that came after the allowed lateness"),
	)
	d.Stored = []Column{
		detail("sequence", "of the last record in the input stream"),
		detail("version", "stream sequence of the cut that produced the row; the highest is the truth"),
		detail("era", "when the input stream was made"),
		written(),
	}

	return d
}

func describedLate() Description {
	d := Description{
		Name: "late", Title: "Late events", FedBy: "events that come after the allowed lateness",
		Definition: "Events that came after the allowed lateness and count nowhere else.",
		Table:      "late", View: "v_late", Time: "clock",
	}
	d.add(
		Column{Name: "clock", Role: InTime, Definition: "of the partition when it came"},
		Column{Name: "time", Role: InTime, Definition: "of the event"},
		dimension("type", "type of the event"),
		dimension("customer", "whose event it is"),
	)
	d.add(derived(measure("late_seconds", "seconds", "how far its time was behind the partition's clock"))...)
	d.add(
		detail("id", "of the event"),
		detail("partition", "of the customer"),
		detail("sequence", "of the event in the input stream"),
	)
	d.Unit = "events"
	d.Stored = recordColumns()

	return d
}

func describedDeadLetters() Description {
	d := Description{
		Name: "deadletters", Title: "Dead letters", FedBy: "records that are refused",
		Definition: "Records that were set aside, with why and with their bytes. `ebb deadletters list` shows them and how to send them again.",
		Table:      "deadletters", View: "v_deadletters", Time: "time", Unit: "records",
	}
	d.add(
		Column{Name: "time", Role: InTime, Definition: "clock of the record"},
		dimension("reason", "why it was refused"),
		dimension("partition", "in which it came"),
		dimension("subject", "on which it came"),
		detail("error", "why, in words"),
		detail("body", "bytes as they came"),
		detail("sequence", "of the record in its stream"),
	)
	d.Stored = recordColumns()

	return d
}

// recordColumns are those of tables that have a row for a record.
func recordColumns() []Column {
	return []Column{
		detail("row", "of the record, from 1, where that holds rows of history"),
		detail("version", "stream sequence of what produced the row; the highest is the truth"),
		detail("era", "when the input stream was made"),
	}
}
