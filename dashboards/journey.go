package dashboards

// journey shows how far customers come, and whether they come back.
func journey() board {
	b := board{
		uid: journeyUID, title: "ebb journey",
		asked: "How far do customers come, and do they come back?",
		howTo: "Stages are of the customer's newest event, so customers move both ways. Days are those of the setting calendar.zone.",
		annotations: []annotation{
			sends(false), silences(), changes(),
		},
		panels: []*panel{
			spark(of("reach_daily", "stickiness").titled("Stickiness"), "journey/stickiness", points("stickiness", 100, 1), moreIsGood).decimals(1).sized(6, statHeight).empty("no day is counted yet"),
			figure(of("conversions", "conversion_rate").titled("First orders per lead").and("Of the newest 28 days."), "journey/conversion").decimals(2).sized(6, statHeight).empty("too few leads"),
			figure(of("conversions", "new_customers").titled("New customers").and("In the newest 28 days."), "journey/new_customers").sized(6, statHeight).empty("no orders"),
			spark(of("reach_daily", "mau").titled("Active in 28 days"), "journey/mau", relative("mau"), moreIsGood).sized(6, statHeight).empty("no day is counted yet"),

			ranked(of("stages", "customers").titled("Funnel").and("Here of customers who have been in a stage, or in a later one."), "journey/funnel").colored(blue).empty("no day is counted yet"),
			areas(of("stages", "customers").titled("Customers by stage"), "journey/stages").series(stageColors()[1:]).empty("no day is counted yet"),
			bars(of("lifecycle", "customers").titled("Lifecycle by week").and("Here of the 7 days up to each day."), "journey/lifecycle").series(lifecycleColors()).empty("no day is counted yet"),
			lines(says("Reach", "short", "Customers who were active on a day, in the 7 and in the 28 days up to it."), "journey/reach").fromZero().empty("no day is counted yet").
				column("dau", color(sky), named("in a day")).
				column("wau", color(blue), named("in 7 days")).
				column("mau", color(green), named("in 28 days")),
			list(of("journey", "transitions").titled("Moves between stages").and("Of the newest 28 days."), "journey/transitions").sized(halfWidth, 10).empty("nobody moved").
				column("from_stage", named("from")).column("to_stage", named("to")).
				column("transitions", named("times")).column("first_reached", named("for the first time")),
			ranked(of("conversions", "new_customers").titled("What brings customers").and("By the channel of the newest touch before, in the newest 28 days."), "journey/touches").sized(halfWidth, 10).
				empty("no leads and no first orders").
				column("leads", color(sky)).column("new_customers", color(green), named("new customers")),
		},
	}
	cohorts := list(of("retention", "retention").titled("Retention by weekly cohort"), "journey/retention").sized(fullWidth, 11).empty("no week is over yet").
		column("cohort", named("first week"), width(110)).
		column("customers", unit("short"), width(100))
	cohorts.columns("^week_", append(shaded(), unit("percentunit"), places(0), missing(" "))...)
	b.panels = append(b.panels, cohorts)

	return b
}
