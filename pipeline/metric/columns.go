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

// The line of those bytes. It does not compile where the last of them lie behind it.
const (
	oftenFrom = 64
	oftenTo   = oftenFrom + 64
	_         = uint(oftenTo - (atEngaged + 4))
)

// Often are the bytes for which nearly every event asks: what lies beside them few ask for,
// so it is not worth while to bring it near before.
func (w Who) Often() []byte { return w[oftenFrom:oftenTo] }

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
