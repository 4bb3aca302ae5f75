package dashboards

// One colour stands for one thing on every dashboard. They are those of Okabe and Ito
// (2008, "Color Universal Design"), told apart by readers who don't see all colours, and
// beyond them of Tol ("Colour Schemes", muted); grey is for what is not in question.
const (
	orange     = "#E69F00"
	sky        = "#56B4E9"
	green      = "#009E73"
	yellow     = "#F0E442"
	blue       = "#0072B2"
	vermillion = "#D55E00"
	purple     = "#CC79A7"
	grey       = "#999999"
	teal       = "#44AA99"
	sand       = "#DDCC77"
	rose       = "#CC6677"
	olive      = "#999933"
	violet     = "#AA4499"
	cyan       = "#88CCEE"
	moss       = "#117733"
	wine       = "#882255"
	slate      = "#6F7FA8"
	neutral    = "text" // of figures that are neither good nor bad by themselves
)

// Yellow is for areas and lines; letters on white can't be read in it.
const Yellow = yellow

// hue is the colour of a name.
type hue struct{ name, color string }

// levelColors are those of the risk levels, from calm to alarming.
func levelColors() []hue {
	return []hue{{"healthy", green}, {"cooling", yellow}, {"at_risk", orange}, {"lapsed", vermillion}, {"left", grey}}
}

// kindColors are those of the kinds of engagement.
func kindColors() []hue {
	return []hue{
		{"passive", sky}, {"micro", blue}, {"active", purple},
		{"exposure", grey}, {"machine", slate}, {"unknown", sand},
	}
}

// channelColors are those of the channels that need no configuration.
func channelColors() []hue {
	return []hue{
		{"web", blue}, {"app", orange}, {"email", sky}, {"store", green}, {"social", purple},
		{"push", yellow}, {"sms", vermillion}, {"ads", teal}, {"loyalty", sand}, {"chat", rose},
		{"call", olive}, {"survey", violet}, {"billing", wine}, {"whatsapp", moss}, {"rcs", cyan},
		{"other", slate}, {"none", grey},
	}
}

// segmentColors are those of the segments that the model is judged by.
func segmentColors() []hue {
	return []hue{{"active", blue}, {"regular", green}, {"newcomer", sky}, {"one_time", orange}, {"long_silent", vermillion}}
}

// stageColors are those of the stages of the journey, from the first to the last.
func stageColors() []hue {
	return []hue{{"none", grey}, {"awareness", sky}, {"consideration", blue}, {"preference", purple}, {"purchase", orange}, {"loyalty", green}}
}

// lifecycleColors are those of what customers are in an interval.
func lifecycleColors() []hue {
	return []hue{{"new", sky}, {"returning", green}, {"resurrected", purple}, {"resting", yellow}, {"dormant", grey}}
}

// armColors part those who are acted on from the hold-out.
func armColors() []hue {
	return []hue{{"acted on", blue}, {"hold-out", grey}}
}

// Palette are the colours of series that have none of their own, in their order.
func Palette() []string {
	return []string{blue, orange, green, purple, sky, vermillion, teal, rose, olive, violet, wine, moss}
}
