package meaning

// Sentences are differences in words, one a line, and what becomes of the state
// where that is not plain.
func Sentences(changes []Difference) []string {
	var lines []string
	said := map[string]bool{}
	for _, d := range changes {
		line := d.String()
		if note := consequences[d.Name]; note != "" && !said[d.Name] {
			line += " (" + note + ")"
			said[d.Name] = true
		}
		lines = append(lines, line)
	}

	return lines
}

// consequences say what a change does beside what it says.
var consequences = map[string]string{
	"lateness":             "what is final stays final",
	"churn.horizon":        "every history is kept; labels that wait for the former horizon are dropped, learning begins anew",
	"churn.currency":       "what was paid in other currencies no longer counts",
	"churn.alert_budget":   "from the next period on",
	"churn.alert_every":    "from the next period on",
	"forget.from_events":   "events from here on; who is forgotten stays so",
	"identity.join":        "who has joined stays so",
	"calendar.zone":        "days that were counted stay, and are not counted again",
	"duplicates.by":        "what is remembered is asked too, until it is forgotten",
	"duplicates.at_most":   "from the next cut on",
	"unknown_types":        "events from here on; what was counted stays",
	"vocabulary":           "events from here on; what was counted stays",
	"channels":             "events from here on; what was counted stays",
	"rollups":              "events from here on; what was counted stays, and runs out with its windows",
	"metrics":              "events from here on, also in what is known of customers for them; what was counted stays, and runs out with its windows",
	"feed.silent_below":    "what is held is judged anew",
	"max_customers":        "nobody is removed before others need the room",
	"churn.cooling_at":     "all levels are judged anew at once",
	"churn.at_risk_at":     "all levels are judged anew at once",
	"customers.margin":     "days that were counted stay",
	"customers.keep":       "who has left by the former one has left",
	"coordinate.interval":  "from the next one on",
	"churn.cooling_margin": "all levels are judged anew at once",
	"churn.at_risk_margin": "all levels are judged anew at once",
}
