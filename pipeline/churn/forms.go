package churn

// A form is the key of a phrase. Where every engagement was a purchase, and the
// language has a phrase that says so, that one is taken.
const bought = ".bought"

// silence is the code and the form of somebody who stays away.
func (f *Facts) silence() (code, form string) {
	switch {
	case f.Once:
		return CodeHistory, "history.once"
	case f.Visits < 2:
		return CodeHistory, "history.short"
	case f.Heard != NoNotice:
		return CodeContact, "contact." + f.Heard.String()
	case f.Visits > 2 && 2*f.Silent >= 3*f.Every: // else the pause is a usual one
		return CodeRhythm, "rhythm"
	}

	return CodeRecency, "recency"
}

// back is the form of somebody who has become more likely to stay.
func (f *Facts) back() string {
	switch {
	case !f.Back:
		return "recency.calm"
	case f.Silent < minute:
		return "recency.now"
	}

	return "recency.back"
}

// fell and rose say whether the visits have changed by a quarter or more, and
// by two at least.
func (f *Facts) fell() bool {
	return f.VisitsBefore >= f.VisitsRecent+2 && 4*f.VisitsRecent <= 3*f.VisitsBefore
}

func (f *Facts) rose() bool {
	return f.Grown && f.VisitsBefore > 0 && f.VisitsRecent >= f.VisitsBefore+2 && 3*f.VisitsRecent >= 4*f.VisitsBefore
}

// trouble is the form of negative events.
func (f *Facts) trouble() string {
	if f.Trouble == Complaint && f.Settled {
		return "negatives.complaint.settled"
	}

	return "negatives." + f.Trouble.String()
}

// opinion is the form of a rating.
func (f *Facts) opinion() string {
	switch {
	case f.Scored:
		return "experience.scored"
	case f.Rating > 0:
		return "experience.glad"
	}

	return "experience.felt"
}
