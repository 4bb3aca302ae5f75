// Package producer publishes engagement events to ebb.
//
// It promises that an event it accepts is one that ebb accepts: it is encoded
// and read back with the decoder of the pipeline before it is sent, and what is
// wrong with it is said to the producer, with the same errors, instead of going
// to the dead letters. And it chooses the subject from which the server derives
// the customer's partition.
//
// It does not store events that could not be sent, and it does not create
// streams.
//
// Read producer.go first, then event.go.
//
// # Use it from another module
//
// The module is called ebb, which no server resolves. Clone it, and say in your go.mod
// where it is:
//
//	require ebb v0.0.0
//	replace ebb => ../ebb
//
// then `go mod tidy`. Package ebb/pipeline/wire, the messages that come out, is used in
// the same way.
//
// # Producers in other languages
//
// deploy/clients has one in Python and one in TypeScript, and `ebb schema event` prints
// the JSON Schema. Publish to JetStream and wait for its acknowledgement:
//
//	engagement.events.<token>
//
// The token is the customer id itself if it has 1 to 128 characters, all of
// them of A-Z a-z 0-9 _ : @ + and -. Otherwise it is "~" and the base64url
// encoding, without padding, of the id's UTF-8 bytes. Dots, blanks, * and >
// would change the meaning of a subject, and any other encoding would put one
// customer into two partitions: such an event becomes the dead letter
// misrouted. An event that has an anonymous_id and no customer belongs to the
// customer "anonymous:" followed by that id.
//
//	customer             token
//	c-17                 c-17
//	ann@example          ann@example
//	ann@example.org      ~YW5uQGV4YW1wbGUub3Jn
//	anonymous:9f3        anonymous:9f3
//
// The message is one JSON object of at most 64 KiB, in UTF-8, with no key
// twice:
//
//	id            string, 1 to 256 bytes; with customer and time, what makes the event the same one
//	time          RFC 3339 with Z or an offset, 1970 to 2200; when it happened
//	customer      string, 1 to 256 bytes; or anonymous_id, or both
//	anonymous_id  string, 1 to 246 bytes
//	type          string, 1 to 128 bytes, such as "order.completed"
//	channel session device campaign message product
//	              string, at most 256 bytes
//	value         number of at most 1e18 in magnitude, six digits after the point count
//	currency      ISO 4217, such as "EUR"; with value
//	score         number, such as an NPS or CSAT answer
//	sentiment     number, -1 to 1
//	duration      number of seconds, 0 or more
//	progress      number, 0 to 1
//	machine       true for a scanner or a bot
//	received_at   RFC 3339; when your first system saw it
//	properties    object, kept as it is
//
// Of these id, time, type and one of customer and anonymous_id are required.
// No header may begin with "Ebb-".
//
// # People who are not known yet
//
// Live events with an anonymous_id alone belong to a customer of their own,
// "anonymous:" and the id, and those with a customer belong to that one, also
// where they hold an anonymous_id beside it. An event counts where it was stored.
//
// With identity.join, a live event that holds both ids says who the anonymous
// customer is: nothing is said of their silence any more, and an alarm that stands
// is cleared, with the reason "joined". The two count as one among the customers of
// windows. It is so from a record on that ebb puts into the partition of the anonymous
// one, a second or two later:
//
//   - Windows that are final by then stay, as they do for late events: there the two
//     are two. In others, of days and weeks above all, the known one counts wherever
//     the anonymous one was active, and the anonymous one no more. A window that
//     becomes final in the second between counts neither.
//   - Events stay where they count, so figures of events, orders and sums are the same.
//   - The known one goes on with the history of both: risks, levels and reasons, their
//     rhythm, what they paid and what went wrong are those of one customer, as near as
//     what is known of the anonymous one tells; [ebb/pipeline/churn.Model.Merge] says
//     how each adds up. A level is looked at anew at once. Levels, episodes and alerts of
//     before stay the known one's.
//   - What metrics keep of customers moves, too: the days on which they came and engaged,
//     stages, payments, channels and devices, membership, deeds. From the record on,
//     censuses, and what metrics and rollups ask of a customer before an event, know
//     both. Sets and sums are those of both; where an order would decide which nobody
//     knows any more, the known one's wins: the stage and channel that they are at, and
//     the currency of their payments. What is of a moment or an order stays what it is:
//     session, path to an order, newest cases, contact pressure, touches and products.
//     See [ebb/pipeline/metric.StateColumn].
//   - One event joins an anonymous id to a customer, and never two known ones.
//   - What came before under an anonymous id joins once: on a device of several people,
//     whoever signed in first.
//   - What comes later under the anonymous id alone follows, event by event: it counts
//     the known one in windows, keeps them from being silent, and adds to their history
//     and to what metrics keep. On a device of several people it follows who was there
//     under both ids last, which is told again once an hour at most for each of them. It
//     counts nobody where that one has left meanwhile. Metrics that ask what a customer
//     was before ask it of the anonymous one, of whom they know what came since.
//   - A late event joins as one in time does, and so does one that was sent twice.
//     One by a machine does not, nor a word for nobody such as "null", nor history, nor
//     one so late that it tells nothing of a customer who is not known.
//   - A partition is told of 1,000 pairs a second at most, and of the others with
//     their next event. An id that is made anew for every event joins nothing useful:
//     leave it out where customer is known.
//   - Who is forgotten takes along what says that an anonymous customer is them.
//     What is of the anonymous one is forgotten under that id.
//
// Without identity.join an anonymous self stays silent once somebody has signed in:
// it may become at risk and lapsed. Either way it is a customer until it leaves,
// customers.keep_anonymous after its last event, 90 days by default. An import of
// history joins the whole of the two, see Joins of ebb/pipeline/replay.
//
// So a producer that wants one customer does one of these:
//
//   - It sends a customer from the first visit on: an id of its own, kept with the
//     visitor, that the account takes over when it is made. The user id of the
//     account then is a property.
//   - It keeps what happens before somebody signs in, and sends it with the
//     customer then, with the times at which it happened. What is older than the
//     lateness counts as late: in no figure, but as a sign of life.
//   - It leaves anonymous events out, or lets whoever acts on signals pass over
//     customers that begin with "anonymous:".
//
// It does not send an event again under the customer that was sent under the
// anonymous id: the customer is part of what makes an event the same, so both
// would count.
//
// # Repetitions
//
// An event may be sent again, after an error or a restart, with the same id,
// time and customer: it counts once. The header Nats-Msg-Id, if it is set, lets
// the server drop a repetition within two minutes. That spares work and no
// more, and it must hold customer, id and time: an id alone would drop another
// customer's event.
package producer
