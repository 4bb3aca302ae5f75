package metric

// Where each column begins in Who, in the order of Columns: the next one begins where
// the one before ends. A test holds them together.
const (
	atStage    = 0
	atSeen     = atStage + stageBytes
	atEngaged  = atSeen + DaysBytes
	atSession  = atEngaged + DaysBytes
	atTouch    = atSession + sessionBytes
	atChannels = atTouch + touchBytes
	atSpent    = atChannels + channelsBytes
	atContacts = atSpent + spentBytes
	atIssues   = atContacts + contactsBytes
	atProducts = atIssues + issuesBytes
	atPath     = atProducts + productsBytes
	atMember   = atPath + pathBytes
	atDeeds    = atMember + memberBytes
)

// Columns are what this version can keep of every customer; see Kept.
func Columns() []*StateColumn {
	return []*StateColumn{
		stageColumn(),
		seenColumn(),
		engagedColumn(),
		sessionColumn(),
		touchColumn(),
		channelsColumn(),
		spentColumn(),
		contactsColumn(),
		issuesColumn(),
		productsColumn(),
		pathColumn(),
		memberColumn(),
		deedsColumn(),
	}
}
