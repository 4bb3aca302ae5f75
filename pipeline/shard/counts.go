package shard

// Counts says what became of a shard's records. Every event is exactly one of
// the first four.
type Counts struct {
	Processed   uint64 // changed the state once
	Duplicates  uint64 // seen before, within the lateness
	DeadLetters uint64 // refused, kept with its reason
	LateDropped uint64 // beyond the lateness, published apart
	Control     uint64 // records that no producer sends
	Raised      uint64 // signals to a worse level
	Cleared     uint64 // signals to a better level
	Held        uint64 // customers whose signal was held, each time
	Released    uint64 // of these, signals still due once the feed was back
	Dropped     uint64 // of these, signals no longer due
	Alerts      uint64 // customers at risk within the alert budget
	Leaps       uint64 // of store times, held until something bears them out
	Left        uint64 // customers who left; see meaning.Config.Keep
	RoomMade    uint64 // customers who made room for new ones; see meaning.Config.MaxCustomers
	Scanned     uint64 // reactions to messages that came too soon for a person; see churn.Model.Believe
	Hurried     uint64 // items of cohorts, such as messages, that were closed before their span was over, for want of room
	Crowded     uint64 // events of such items that there was no room for at all
	JoinsTold   uint64 // pairs of an anonymous and a known customer, told to the partition of the first
	Joined      uint64 // anonymous customers of the partition who are known by another id now
	Merged      uint64 // histories of anonymous customers that known ones of the partition go on with
	Followed    uint64 // later events under anonymous ids that known ones of the partition go on with
	TooOld      uint64 // of the late ones, those too old for the identities kept; see meaning.Duplicates.AtMost
}

// Add sums the counts of two shards.
func (c *Counts) Add(other Counts) {
	c.Processed += other.Processed
	c.Duplicates += other.Duplicates
	c.DeadLetters += other.DeadLetters
	c.LateDropped += other.LateDropped
	c.Control += other.Control
	c.Raised += other.Raised
	c.Cleared += other.Cleared
	c.Held += other.Held
	c.Released += other.Released
	c.Dropped += other.Dropped
	c.Alerts += other.Alerts
	c.Leaps += other.Leaps
	c.Scanned += other.Scanned
	c.Hurried += other.Hurried
	c.Crowded += other.Crowded
	c.JoinsTold += other.JoinsTold
	c.Joined += other.Joined
	c.Merged += other.Merged
	c.Followed += other.Followed
	c.TooOld += other.TooOld
	c.Left += other.Left
	c.RoomMade += other.RoomMade
}

// Events is how many events there were, whatever became of them.
func (c *Counts) Events() uint64 {
	return c.Processed + c.Duplicates + c.DeadLetters + c.LateDropped
}
