package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// customer is one customer, by their id; the tables of the other dashboards link to it.
func customer() board {
	return board{
		uid: customerUID, title: "ebb customer", last: "now-90d",
		asked: "What happened to this customer, and what would win them back?",
		howTo: "Choose one of those with the most value at risk at the top, or type an id. " +
			"ClickHouse keeps changes of level, not single events: `ebb customer ID` says what ebb knows of them besides.",
		variables:   []cog.Builder[dashboard.VariableModel]{customerVariable()},
		annotations: []annotation{sends(true), silences()},
		panels: []*panel{
			list(says("Now", "short", "The level and since when; the silence as of now, beside the usual pause; risk and value when the level was raised; and when the customer lapses if nothing comes."),
				"customer/now").sized(fullWidth, 4).empty("this customer never changed their level: healthy, or not known").
				column("level", cells(levelColors())...).
				column("since", unit("dateTimeFromNow")).
				column("silent_days", named("silent"), unit("d"), places(1)).
				column("usual_days", named("usual pause"), unit("d"), places(1), missing("not yet")).
				column("risk_at_signal", named("risk"), unit("percentunit"), places(0)).
				column("value_at_risk", named("value at risk"), places(0)).
				column("currency", named("in")).
				column("next_crossing", named("lapses"), unit("dateTimeFromNow"), missing("–")),
			list(says("In words", "short", "What the newest signal said: what the risk means, why it is so, and what one visit or a contact would do."),
				"customer/words").sized(fullWidth, 6).empty("no signal of this customer yet").
				column("place", named(" "), width(190)).
				column("text", named(" ")),
			states(says("Level", "short", "The risk level over time."), "customer/levels").empty("no change of level yet").
				column("level", cells(levelColors())[0]),
			lines(says("Risk at changes of level", "percentunit",
				"The risk when the level changed; between changes it grows with the silence, and is not kept. Dashed: the least risks from which customers were raised in the last week."),
				"customer/score").upToOne().sized(fullWidth, chartHeight).empty("no change of level yet").
				column("risk", color(blue), property{Id: "custom.lineInterpolation", Value: "stepAfter"}, property{Id: "custom.showPoints", Value: "always"}).
				column("cooling_from", append(dashed(), color(yellow), named("cooling from"))...).
				column("at_risk_from", append(dashed(), color(orange), named("at risk from"))...),
			list(says("What happened", "short", "Changes of level with their reasons, alerts within the budget, and events that came too late, newest first."),
				"customer/happened").empty("nothing in this range").
				column("at", unit("dateTimeAsIso"), width(170)).
				column("what", width(190)).
				column("risk", unit("percentunit"), places(0), width(70), missing("–")).
				column("words", named("in words")),
		},
	}
}
