package metric

// fatigueDeciles is how customers take messages, by tenths of the pressure on them.
func fatigueDeciles() *Derived {
	optOuts := figure("opt_outs_per_thousand", "Opt-outs per 1,000 messages", "events", "at the pressures of the decile", "1000 * opt_outs / sent")
	optOuts.Cases, optOuts.Least = "sent", 100
	responses := figure("response_rate", "Answers per message", "ratio", "clicks and replies per message at the pressures of the decile", "responses / sent")
	responses.Cases, responses.Least = "sent", 10

	return &Derived{
		Name:  "fatigue_deciles",
		Title: "Contact fatigue by decile of pressure",
		Definition: "Messages of a window in ten parts by contact pressure, the tenth at the highest: how many messages the customer had got on the day and the six days before. " +
			"A pressure is in one part as a whole, that of its middle message, so where many messages are at the same pressure some parts are missing.",
		FedBy: "message.sent, and answers and opt-outs",
		Columns: []Column{
			{Name: "window_end", Role: InTime, Definition: "exclusive end of the window, UTC"},
			{Name: "window", Role: InTime, Definition: "length of the window"},
			{Name: "day", Role: InTime, Definition: "that of window_end"},
			dimension("decile", "1, the lowest pressures, to 10"),
			derived(detail("least_pressure", "messages of seven days before, at least"))[0],
			derived(detail("most_pressure", "the same, at most; 50 stands for 50 and more"))[0],
			measure("sent", "messages", "messages of the company"),
			measure("opt_outs", "events", "events by which customers opt out"),
			measure("responses", "events", "clicks and replies"),
			optOuts,
			responses,
		},
	}
}
