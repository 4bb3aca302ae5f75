package metric

import "ebb/pipeline/vocabulary"

// What is known of a message.
const (
	messageSent Marks = 1 << iota
	messageDelivered
	messageBounced
	messageOpened
	messageClicked
	messageConverted
	messageMachineOpened
	messageMachineClicked
	messageUnsubscribed
	messageComplained
)

// The ranks of what is known of a message: it begins with its send, else with its
// delivery, else with the first reaction.
const (
	rankSent = iota
	rankDelivered
	rankReaction
)

// campaigns is what came of messages, by the campaign and the day of the send.
func campaigns() *Cohort {
	const gone = messageSent | messageDelivered | messageBounced // is known to have gone out
	const reacted = messageOpened | messageClicked | messageUnsubscribed | messageComplained | messageMachineOpened | messageMachineClicked
	known := func(name, definition string, all Marks) Share {
		return Share{Name: name, Definition: definition, Unit: "messages", All: all, Any: gone}
	}

	return &Cohort{
		Name:  "campaigns",
		Title: "Campaigns by send day",
		Definition: "What came of the messages that a campaign sent on a day, each message of a customer counted once, " +
			"for 28 days after that day. What machines open and click is counted apart.",
		Source: "unique clicks / delivered (CTR), unique clicks / unique opens (CTOR), unique opens / delivered (open rate)",
		FedBy: "message.*, email.*, ad.*, unsubscribed, opted_out and spam_reported with the field message, or with campaign " +
			"where messages have no id",
		By: []Dimension{
			{Name: "campaign", Definition: "field campaign of the send; empty where it has none", Of: func(e *Event) string { return string(e.Campaign) }},
			Channel(),
			{
				Name: "variant", Definition: "arm of an A/B test: properties.variant of the send; empty where it has none",
				Of: func(e *Event) string { return e.PropertyKey("variant") },
			},
		},
		Marks: []string{
			"sent", "delivered", "bounced", "opened", "clicked", "converted", "machine_opened", "machine_clicked", "unsubscribed", "complained",
		},
		Measures: []Share{
			known("messages", "messages that went out, as their send, delivery or bounce says", 0),
			known("delivered", "of the messages delivered", messageDelivered),
			known("bounced", "of the messages bounced", messageBounced),
			known("opened", "of the messages opened by a person; of ads seen", messageOpened),
			known("clicked", "of the messages clicked by a person", messageClicked),
			known("converted", "of the messages named by a purchase or a lead", messageConverted),
			known("machine_opened", "of the messages opened by a scanner or a bot", messageMachineOpened),
			known("machine_clicked", "of the messages clicked by a scanner or a bot", messageMachineClicked),
			known("unsubscribed", "of the messages answered by unsubscribing or opting out", messageUnsubscribed),
			known("complained", "of the messages reported as spam", messageComplained),
			{
				Name: "unsent", Unit: "messages", None: gone, Any: reacted,
				Definition: "messages of which only reactions are known, by the day of the first: sent before the stream, or longer ago than the span; in no other measure",
			},
		},
		Figures: []Figure{
			rateOf("open_rate", "Open rate", "share of delivered messages that a person opened", "opened", "delivered"),
			rateOf("click_rate", "CTR", "share of delivered messages that a person clicked", "clicked", "delivered"),
			rateOf("click_to_open", "CTOR", "clicked messages per opened one", "clicked", "opened"),
			rateOf("conversion_rate", "Conversion rate", "share of delivered messages that a purchase or a lead names", "converted", "delivered"),
			rateOf("bounce_rate", "Bounce rate", "share of messages that bounced", "bounced", "messages"),
			rateOf("unsubscribe_rate", "Unsubscribe rate", "share of delivered messages answered by unsubscribing", "unsubscribed", "delivered"),
			rateOf("complaint_rate", "Complaint rate", "share of delivered messages reported as spam", "complained", "delivered"),
		},
		Span:   28,
		AtMost: 1000,
		Takes:  takesMessage,
	}
}

// rateOf is a share of at least so many cases that one of them is 2 %.
func rateOf(name, title, definition, of, cases string) Figure {
	return Figure{Name: name, Title: title, Definition: definition, Unit: "share", SQL: of + " / " + cases, Cases: cases, Least: 50}
}

// takesMessage says what an event tells of a message. An ad is sent, delivered and
// seen at once, when a person sees it.
func takesMessage(e *Event, item *Item) bool {
	if !messageKey(e, item) {
		return false
	}
	machine := e.Class.Machine
	either := func(person, bot Marks) Marks {
		if machine {
			return bot
		}

		return person
	}
	item.Rank = rankReaction
	name := e.TypeName()
	switch name {
	case "message.sent":
		item.Rank, item.Marks = rankSent, messageSent
	case "message.delivered":
		item.Rank, item.Marks = rankDelivered, messageDelivered
	case "message.bounced":
		item.Rank, item.Marks = rankDelivered, messageBounced
	case "email.opened", "message.read":
		item.Marks = either(messageOpened, messageMachineOpened)
	case "email.clicked", "message.clicked", "ad.clicked":
		item.Marks = either(messageClicked, messageMachineClicked)
	case "ad.viewed":
		item.Marks = either(messageSent|messageDelivered|messageOpened, messageMachineOpened)
		if !machine {
			item.Rank = rankSent
		}
	case "unsubscribed", "opted_out":
		item.Marks = either(messageUnsubscribed, 0)
	case "spam_reported":
		item.Marks = either(messageComplained, 0)
	default:
		if machine || e.Class.Money != vocabulary.MoneyIn && name != "lead.submitted" {
			return false
		}
		item.Marks = messageConverted
	}

	return item.Marks != 0
}

// messageKey tells messages of a customer apart: by their id, else by the campaign.
func messageKey(e *Event, item *Item) bool {
	switch {
	case len(e.Message) > 0:
		item.Key = append(append(item.Key, 'm'), e.Message...)
	case len(e.Campaign) > 0:
		item.Key = append(append(item.Key, 'c'), e.Campaign...)
	default:
		return false
	}

	return true
}
