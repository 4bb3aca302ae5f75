package simulate

// series is a row of campaigns of one kind, which are numbered by week.
type series uint8

const (
	noSeries    series = iota
	newsletter         // the mail of the week, in two arms
	offers             // a product, to some
	search             // advertisements beside search results
	posts              // advertisements among posts
	seriesKinds = iota
)

// seriesNames begin the names of campaigns.
func seriesNames() [seriesKinds]string {
	return [...]string{"", "weekly-", "offers-", "search-", "posts-"}
}

// The arms of a newsletter: half of the customers get each, anew every week. Who
// opens it clicks so much more often in B.
const (
	armA       uint8 = 1
	armB       uint8 = 2
	armBClicks       = 1.5
)

// arm is which one a person gets.
func (e *encoder) arm(person, campaign uint32) uint8 {
	return armA + uint8(mix(e.seed^uint64(person)<<32^uint64(campaign))&1)
}

// weekOf numbers campaigns, from 1.
func weekOf(at int64) uint32 { return uint32((at-mailingDay)/week) + 1 }
