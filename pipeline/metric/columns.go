package metric

// Where each column begins in Who, in the order of Columns: the next one begins where
// the one before ends. A test holds them together.
//
// What nearly every event asks for lies side by side, behind the first 64 bytes, in one
// cache line where the bytes of a customer begin with one: the end of channels, session, stage, touch, path,
// days_seen, and the last day of days_engaged, with which that begins.
const (
	atContacts = 0
	atProducts = atContacts + contactsBytes
	atChannels = atProducts + productsBytes
	atSession  = atChannels + channelsBytes
	atStage    = atSession + sessionBytes
	atTouch    = atStage + stageBytes
	atPath     = atTouch + touchBytes
	atSeen     = atPath + pathBytes
	atEngaged  = atSeen + DaysBytes
	atIssues   = atEngaged + DaysBytes
	atSpent    = atIssues + issuesBytes
	atMember   = atSpent + spentBytes
	atDeeds    = atMember + memberBytes
)

// Columns are what this version can keep of every customer; see Kept.
func Columns() []*StateColumn {
	return []*StateColumn{
		contactsColumn(),
		productsColumn(),
		channelsColumn(),
		sessionColumn(),
		stageColumn(),
		touchColumn(),
		pathColumn(),
		seenColumn(),
		engagedColumn(),
		issuesColumn(),
		spentColumn(),
		memberColumn(),
		deedsColumn(),
	}
}
