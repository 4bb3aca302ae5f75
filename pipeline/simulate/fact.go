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
	messageSent
	messageDelivered
	messageBounced
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
		"message.clicked", "message.sent", "message.delivered", "message.bounced",
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
	channels = iota // how many there are
)

// channelNames are the channels in the vocabulary.
func channelNames() [channels]string {
	return [...]string{"web", "app", "store", "social", "chat", "call", "loyalty", "survey", "billing", "email", "push"}
}

// happening is one event on its way, before it has become bytes.
type happening struct {
	time    int64 // Unix ms
	arrival int64
	order   uint64 // in which facts were made: breaks ties
	serial  uint64 // makes the id; copies share it

	value    int64   // millionths, of an order
	number   float64 // progress, score, sentiment or duration
	person   uint32
	session  uint32 // of the person, from 1; 0 without
	campaign uint32 // week of a message, from 1; 0 without

	topic     topic
	channel   channel
	spoiled   spoil
	duplicate bool
	machine   bool
}

func (f happening) before(g happening) bool {
	return f.arrival < g.arrival || f.arrival == g.arrival && f.order < g.order
}
