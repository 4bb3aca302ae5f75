package simulate

// topic is a type of event that the simulator knows.
type topic uint8

const (
	pageViewed topic = iota
	scrollReached
	pagePinged
	productSearched
	accountSignedUp
	cartAdded
	orderCompleted
	reviewPosted
	appOpened
	screenViewed
	screenPinged
	featureUsed
	visitDetected
	itemTried
	orderReturned
	postViewed
	postLiked
	postShared
	postCommented
	chatMessaged
	callStarted
	caseOpened
	caseResolved
	surveyShown
	surveyStarted
	surveyAnswered
	feedbackGiven
	balanceViewed
	offerViewed
	pointsRedeemed
	paymentFailed
	subscriptionCanceled
	unsubscribed
	emailOpened
	emailClicked
	messageRead
	messageClicked
	videoProgressed
	newsletterSubscribed
	eventTracked
	appUninstalled
	emailReplied
	spamReported
	messageReplied
	optedOut
	conversationJoined
	mentionPosted
	referralMade
	adViewed
	adClicked
	leadSubmitted
	loyaltyEnrolled
	pointsEarned
	subscriptionRenewed
	messageSent
	messageDelivered
	messageBounced
	spendRecorded
	customerIdentified
	topics = iota // how many there are
)

// topicNames are the types in the vocabulary, in the order of the topics.
func topicNames() [topics]string {
	return [...]string{
		"page.viewed", "scroll.reached", "page.pinged", "product.searched", "account.signed_up", "cart.added",
		"order.completed", "review.posted", "app.opened", "screen.viewed", "screen.pinged", "feature.used",
		"visit.detected", "item.tried", "order.returned", "post.viewed", "post.liked", "post.shared",
		"post.commented", "chat.messaged", "call.started", "case.opened", "case.resolved", "survey.shown",
		"survey.started", "survey.answered", "feedback.given", "balance.viewed", "offer.viewed", "points.redeemed",
		"payment.failed", "subscription.canceled", "unsubscribed", "email.opened", "email.clicked", "message.read",
		"message.clicked", "video.progressed", "newsletter.subscribed", "event.tracked", "app.uninstalled",
		"email.replied", "spam_reported", "message.replied", "opted_out", "conversation.joined", "mention.posted",
		"referral.made", "ad.viewed", "ad.clicked", "lead.submitted", "loyalty.enrolled", "points.earned",
		"subscription.renewed", "message.sent", "message.delivered", "message.bounced", "spend.recorded",
		"customer.identified",
	}
}

// sentByCompany says whether the topic is no act of the customer.
func (t topic) sentByCompany() bool { return t >= messageSent }

// channel is where something happens.
type channel uint8

const (
	web channel = iota
	app
	store
	social
	chat
	call
	loyalty
	survey
	billing
	email
	push
	sms
	whatsapp
	rcs
	ads
	channels = iota // how many there are
)

// channelNames are the channels in the vocabulary.
func channelNames() [channels]string {
	return [...]string{
		"web", "app", "store", "social", "chat", "call", "loyalty", "survey", "billing", "email", "push",
		"sms", "whatsapp", "rcs", "ads",
	}
}

// happening is one event on its way, before it has become bytes.
type happening struct {
	time    int64 // Unix ms
	arrival int64
	order   uint64 // in which facts were made: breaks ties
	serial  uint64 // makes the id; copies share it

	value    int64   // millionths: of an order, a subscription, points, a cost
	number   float64 // progress, score, sentiment or duration
	truth    float64 // of a message: the chance of a click; of an answer: its mean. For Facts
	person   uint32
	session  uint32 // of the person, from 1; 0 without
	campaign uint32 // week of a message or an advertisement, from 1; 0 without
	product  uint16 // from 1; 0 without

	topic     topic
	channel   channel
	series    series // of the campaign
	variant   uint8  // arm of the campaign, from 1; 0 without
	question  question
	issue     uint8 // of a case, from 1; 0 without
	device    uint8 // of the person, from 1; 0 without
	foreign   bool  // paid in the person's other currency
	reached   bool  // answer of whether the goal was
	spoiled   spoil
	duplicate bool
	machine   bool
	more      bool // beside the plain visits and mails: drawn from the second source
}

func (f happening) before(g happening) bool {
	return f.arrival < g.arrival || f.arrival == g.arrival && f.order < g.order
}
