package vocabulary

// defaultChannels are the channels that need no configuration.
var defaultChannels = [...]string{
	"ads", "app", "billing", "call", "chat", "email", "loyalty", "push", "rcs", "sms", "social", "store", "survey",
	"web", "whatsapp",
}

// defaultType is a line of defaultTypes. Whether it qualifies follows from kind
// and negative.
type defaultType struct {
	name     string
	kind     Kind
	channel  string
	stage    Stage
	negative bool
	weight   float64
}

// defaultTypes are the event types that need no configuration. Where a type
// occurs in several channels, its own is the one of an event that names none.
//
// The weights compare engagement within an event stream, for scores that
// people read: a view 1, a small step 2 or 3, intent 5, a commitment or a
// purchase 10. The churn model learns its own.
var defaultTypes = [...]defaultType{
	{"page.viewed", Passive, "web", Awareness, false, 1},
	{"page.pinged", Micro, "web", Consideration, false, 1},
	{"scroll.reached", Micro, "web", Consideration, false, 1},
	{"video.progressed", Micro, "web", Consideration, false, 2},
	{"product.searched", Micro, "web", Consideration, false, 2},
	{"account.signed_up", Active, "web", Preference, false, 10},
	{"newsletter.subscribed", Active, "web", Preference, false, 5},
	{"cart.added", Active, "web", Preference, false, 5},
	{"order.completed", Active, "web", Purchase, false, 10},
	{"review.posted", Active, "web", Loyalty, false, 5},
	{"event.tracked", Passive, "web", StageNone, false, 1}, // a Segment track call without the name of an event

	{"app.opened", Passive, "app", Consideration, false, 1},
	{"screen.viewed", Passive, "app", Consideration, false, 1},
	{"screen.pinged", Micro, "app", Consideration, false, 1},
	{"feature.used", Active, "app", Loyalty, false, 5},
	{"app.uninstalled", Active, "app", Loyalty, true, 10},

	{"email.opened", Passive, "email", Awareness, false, 1},
	{"email.clicked", Micro, "email", Consideration, false, 3},
	{"email.replied", Active, "email", Preference, false, 5},
	{"unsubscribed", Active, "email", Loyalty, true, 10},
	{"spam_reported", Active, "email", Loyalty, true, 10},

	{"message.read", Passive, "sms", Awareness, false, 1}, // sms, whatsapp, rcs, push
	{"message.clicked", Micro, "sms", Consideration, false, 3},
	{"message.replied", Active, "sms", Preference, false, 5},
	{"opted_out", Active, "sms", Loyalty, true, 10},

	{"post.viewed", Passive, "social", Awareness, false, 1},
	{"post.liked", Micro, "social", Consideration, false, 2},
	{"conversation.joined", Micro, "social", Consideration, false, 3},
	{"post.shared", Active, "social", Loyalty, false, 5},
	{"post.commented", Active, "social", Preference, false, 5},
	{"mention.posted", Active, "social", Loyalty, false, 5},
	{"referral.made", Active, "social", Loyalty, false, 5},

	{"ad.viewed", Passive, "ads", Awareness, false, 1},
	{"ad.clicked", Passive, "ads", Awareness, false, 2},
	{"lead.submitted", Active, "ads", Preference, false, 10},

	{"visit.detected", Passive, "store", Consideration, false, 1}, // store; order.completed too
	{"item.tried", Micro, "store", Preference, false, 3},
	{"order.returned", Active, "store", Purchase, true, 5},

	{"chat.messaged", Micro, "chat", Consideration, false, 3},
	{"call.started", Active, "call", Consideration, false, 5},
	{"case.opened", Active, "call", Loyalty, true, 5}, // call, chat
	{"case.resolved", Active, "call", Loyalty, false, 5},

	{"survey.shown", Passive, "survey", Loyalty, false, 1},
	{"survey.started", Micro, "survey", Loyalty, false, 2},
	{"survey.answered", Active, "survey", Loyalty, false, 5},
	{"feedback.given", Active, "survey", Loyalty, false, 5},

	{"balance.viewed", Passive, "loyalty", Loyalty, false, 1},
	{"offer.viewed", Micro, "loyalty", Loyalty, false, 2},
	{"loyalty.enrolled", Active, "loyalty", Loyalty, false, 10},
	{"points.redeemed", Active, "loyalty", Loyalty, false, 10},

	{"subscription.renewed", Active, "billing", Loyalty, false, 10},
	{"payment.failed", Active, "billing", Purchase, true, 5},
	{"subscription.canceled", Active, "billing", Loyalty, true, 10},

	// What the company does or knows. A message has the channel that it was
	// sent through; spend.recorded carries what reaching this customer cost, and
	// points.earned, as its value, the points that an order or a visit brought.
	{"message.sent", Exposure, "email", StageNone, false, 0},
	{"message.delivered", Exposure, "email", StageNone, false, 0},
	{"message.bounced", Exposure, "email", StageNone, false, 0},
	{"spend.recorded", Exposure, "ads", StageNone, false, 0},
	{"points.earned", Exposure, "loyalty", StageNone, false, 0},
	{"customer.identified", Exposure, ChannelNone, StageNone, false, 0}, // a Segment identify call
	{ForgottenType, Exposure, ChannelNone, StageNone, false, 0},         // has the customer forgotten
}

// alias is another name of a type, which may say in which channel it occurs.
type alias struct {
	name    string
	of      string
	channel string // "" for that of the type
}

// defaultAliases are the names of Segment's specs: calls, and the events for
// ecommerce, email, mobile, video, live chat and B2B SaaS; and other names of refunds.
var defaultAliases = [...]alias{
	{"Page", "page.viewed", ""},
	{"page", "page.viewed", ""},
	{"Page Viewed", "page.viewed", ""},
	{"Screen", "screen.viewed", ""},
	{"screen", "screen.viewed", ""},
	{"Screen Viewed", "screen.viewed", ""},
	{"Identify", "customer.identified", ""},
	{"identify", "customer.identified", ""},
	{"group", "customer.identified", ""},
	{"alias", "customer.identified", ""},
	{"Track", "event.tracked", ""},
	{"track", "event.tracked", ""},

	{"Products Searched", "product.searched", ""},
	{"Product List Viewed", "page.viewed", ""},
	{"Product Viewed", "page.viewed", ""},
	{"Product Clicked", "page.viewed", ""},
	{"Viewed Product Category", "page.viewed", ""}, // of the first version of the spec
	{"Viewed Product", "page.viewed", ""},
	{"Added Product", "cart.added", ""},
	{"Completed Order", "order.completed", ""},
	{"Product Added", "cart.added", ""},
	{"Cart Viewed", "page.viewed", ""},
	{"Promotion Viewed", "ad.viewed", "web"},
	{"Promotion Clicked", "ad.clicked", "web"},
	{"Order Completed", "order.completed", ""},
	{"Order Refunded", "order.returned", "web"},
	{"order.refunded", "order.returned", "web"},
	{"payment.refunded", "order.returned", "billing"},
	{"Product Shared", "post.shared", ""},
	{"Cart Shared", "post.shared", ""},
	{"Invite Sent", "referral.made", ""},
	{"Product Reviewed", "review.posted", ""},
	{"Signed Up", "account.signed_up", ""},

	{"Email Delivered", "message.delivered", "email"},
	{"Email Bounced", "message.bounced", "email"},
	{"Email Opened", "email.opened", ""},
	{"Email Link Clicked", "email.clicked", ""},
	{"Email Marked as Spam", "spam_reported", ""},
	{"Unsubscribed", "unsubscribed", ""},

	{"Application Opened", "app.opened", ""},
	{"Application Uninstalled", "app.uninstalled", ""},
	{"Push Notification Received", "message.delivered", "push"},
	{"Push Notification Tapped", "message.clicked", "push"},
	{"Push Notification Bounced", "message.bounced", "push"},

	{"Video Playback Paused", "video.progressed", ""},
	{"Video Content Started", "video.progressed", ""},
	{"Video Content Completed", "video.progressed", ""},
	{"Video Playback Started", "video.progressed", ""},
	{"Video Content Playing", "video.progressed", ""},
	{"Video Playback Completed", "video.progressed", ""},

	{"Live Chat Conversation Started", "chat.messaged", ""},
	{"Live Chat Message Sent", "chat.messaged", ""},
}
