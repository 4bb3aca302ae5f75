package metric

import "ebb/windows"

// The slots of sessions.
const (
	sessionsEvents = iota // and the time between them
	sessionsBegun
	sessionsWentOn
	sessionsEngaged
)

// sessions is how long and how attentively people stay.
func sessions() *Metric {
	return &Metric{
		Name:  "sessions",
		Title: "Sessions and engaged time",
		Definition: "Sessions of people, how long they last and how much of that is engaged time, by the channel on which they began. " +
			"A session ends where 30 minutes pass without an event; its time counts as it goes by, so long sessions spread over windows.",
		Source: "engaged time by the page-ping method of Snowplow: 10 s for each ten seconds with a ping but the first of a session, which stands for 5 s",
		FedBy:  "every event but exposures; engaged time by page.pinged and screen.pinged",
		By: []Dimension{{
			Name: "channel", Definition: "channel of the event with which the session began; other, none",
			Of: func(e *Event) string { return e.channelName(e.visit().channel) },
		}},
		Code: func(e *Event) (uint32, bool) { return uint32(e.visit().channel), true },
		Measures: []Measure{
			{Name: "events", Definition: "accepted events of people", Unit: "events", Slot: sessionsEvents},
			{Name: "sessions", Definition: "sessions that began", Unit: "sessions", Slot: sessionsBegun},
			{Name: "continued", Definition: "sessions that had their second event; the others bounced", Unit: "sessions", Slot: sessionsWentOn},
			{Name: "active_seconds", Definition: "time between events of the same session", Unit: "seconds", Slot: sessionsEvents, Sum: true},
			{Name: "engaged_seconds", Definition: "engaged time by pings", Unit: "seconds", Slot: sessionsEngaged, Sum: true},
		},
		Figures: []Figure{
			{
				Name: "session_seconds", Title: "Length of a session", Definition: "mean time from the first event of a session to its last", Unit: "seconds",
				SQL: "active_seconds / sessions", Cases: "sessions", Least: 10,
			},
			{
				Name: "engaged_per_session", Title: "Engaged time of a session", Definition: "mean engaged time of a session", Unit: "seconds",
				SQL: "engaged_seconds / sessions", Cases: "sessions", Least: 10,
			},
			{
				Name: "events_per_session", Title: "Events of a session", Definition: "mean number of events of a session", Unit: "events",
				SQL: "events / sessions", Cases: "sessions", Least: 10,
			},
			{
				Name: "bounce_rate", Title: "Bounced",
				Definition: "share of sessions of a single event, at least 0: a session that begins in one window may go on in the next", Unit: "share",
				SQL: "greatest(1 - continued / sessions, 0)", Cases: "sessions", Least: 10,
			},
		},
		AtMost:  300,
		Ordered: true,
		Reads:   []string{"session"},
		Takes:   People,
		Counts: func(e *Event, row *Row) bool {
			v := e.visit()
			row.Add(sessionsEvents, windows.SumOf(v.active*1000))
			if v.begins {
				row.Count(sessionsBegun)
			}
			if v.goesOn {
				row.Count(sessionsWentOn)
			}
			if v.engaged > 0 {
				row.Add(sessionsEngaged, windows.SumOf(v.engaged*1000))
			}

			return true
		},
	}
}
