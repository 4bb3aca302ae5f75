package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// channels shows where customers come, and whether it is one experience.
func channels() board {
	return board{
		uid: channelsUID, title: "ebb channels",
		asked: "Where do customers engage, and do the channels work together?",
		howTo: "A channel has one colour on all dashboards. Figures of fewer than ten cases are left out.",
		variables: []cog.Builder[dashboard.VariableModel]{
			windowVariable(), channelVariable(), kindVariable(),
		},
		annotations: []annotation{sends(false), silences(), changes()},
		panels: []*panel{
			spark(of("breadth", "cross_channel_share").titled("On two channels or more"), "channels/cross_channel", points("cross_channel_share", 100, 1), moreIsGood).decimals(0).
				sized(5, statHeight).empty("no day is counted yet"),
			spark(of("word_of_mouth", "word_of_mouth").and("Of 28 days."), "channels/word_of_mouth", relative("word_of_mouth"), moreIsGood).decimals(1).
				sized(5, statHeight).empty("too few active customers"),
			figure(of("recontact", "channel_switch_rate").titled("Same issue, other channel").and("Of the newest 28 days: channels that know nothing of each other."), "channels/recontact").
				decimals(1).steps(step{color: green}, step{0.1, yellow}, step{0.2, vermillion}).sized(7, statHeight).empty("too few cases"),
			figure(of("social", "social_rate").titled("Social rate").and("Of the newest 28 days."), "channels/social").
				decimals(1).sized(7, statHeight).empty("too few views"),

			areas(of("channel", "events").titled("Interactions by channel").and("In the window that ends at each point."),
				"channels/interactions").labeled("events", "channel", channelColors()),
			piled(of("kind_mix", "events").titled("Kinds by channel").and("Of the newest 28 days."), "channels/kinds").
				series(kindColors()[:3]).empty("no engagement"),
			ranked(of("kind_mix", "active_share").titled("Active share").and("Of the newest 28 days."), "channels/active_share").colored(purple).
				upToOne().column("active_share", named("active share")).empty("too few engagements"),
			ranked(of("csat", "csat").titled("Satisfaction by channel").and("Of the newest 28 days. The further channels lie apart, the less it is one experience."), "channels/csat").
				colored(green).upToOne().column("csat", named("CSAT")).empty("no channel has ten answers"),
			list(of("sessions", "sessions").titled("Sessions").and("Of the newest 28 days."), "channels/sessions").sized(halfWidth, 10).empty("no sessions").
				column("session_seconds", named("length"), unit("s"), places(0), missing("–")).
				column("engaged_per_session", named("engaged"), unit("s"), places(1), missing("–")).
				column("events_per_session", named("events"), places(1), missing("–")).
				column("bounce_rate", named("bounced"), unit("percentunit"), places(1), missing("–")),
			list(of("crossings", "crossings").titled("From channel to channel").and("Of the newest 28 days."), "channels/crossings").sized(halfWidth, 10).
				empty("nobody changed the channel").
				column("from_channel", named("from")).column("to_channel", named("to")).
				column("crossings", named("times")).
				column("first_share", named("for the first time"), unit("percentunit"), places(0), missing("–")),
			list(of("interactions", "events").titled("What customers do").and("Of the chosen channels and kinds, in the newest 28 days."), "channels/types").sized(halfWidth, chartHeight).empty("nothing of these kinds").
				column("channel", width(100)).column("kind", append(cells(kindColors()), width(90))...).column("events", width(100)),
			lines(says("Breadth", "percentunit", "Share of the customers who were on two channels or more so far, and of those with a known device who were on two devices or more; by calendar day."),
				"channels/breadth").upToOne().empty("no day is counted yet").
				column("cross_channel_share", color(blue), named("two channels or more")).
				column("cross_device_share", color(orange), named("two devices or more")),
			binned(of("reading", "finished_share").titled("Read depth").and("Of the newest 28 days: shares that reach a third, two thirds and the end."), "channels/reading").sized(fullWidth, 7).upToOne().
				empty("fewer than ten reads").
				column("third_share", color(sky), named("a third")).
				column("two_thirds_share", color(blue), named("two thirds")).
				column("finished_share", color(green), named("the end")),
		},
	}
}
