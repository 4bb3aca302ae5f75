package churn

// stamp is a time in minutes since 1970, and in its five lowest bits what it is
// about. Of two stamps the greater is the newer. 0 is none.
type stamp uint32

const stampBits = 5

func stampOf(at int64, about uint8) stamp {
	return stamp(at/minute)<<stampBits | stamp(about)
}

// at is the beginning of the minute, in Unix ms.
func (s stamp) at() int64 { return int64(s>>stampBits) * minute }

func (s stamp) about() uint8 { return uint8(s & (1<<stampBits - 1)) }

// Trouble is what a negative event is, so that reasons can say it.
type Trouble uint8

// The troubles.
const (
	OtherTrouble Trouble = iota
	Complaint            // a case was opened
	Payment              // a payment failed
	Unsubscribed         // wants no more messages
	SentBack             // has sent an order back
	Quit                 // has ended the relation, and come back since
	Troubles     = 6     // how many there are
)

var troubleNames = [Troubles]string{"other", "complaint", "payment", "unsubscribed", "returned", "quit"}

// String is the trouble's name in words.
func (t Trouble) String() string {
	if t < Troubles {
		return troubleNames[t]
	}

	return "other"
}

// Notice is what a customer took of us without engaging.
type Notice uint8

// The notices.
const (
	NoNotice Notice = iota
	Looked          // at a page, a post, an app
	ReadMessage
	OpenedMail
	Notices = 4 // how many there are
)

var noticeNames = [Notices]string{"", "look", "message", "mail"}

// String is the notice's name in words; "" for none.
func (n Notice) String() string {
	if n < Notices {
		return noticeNames[n]
	}

	return ""
}

// marks are what is true of a customer or not, and the Notice that the newest
// event was.
type marks uint8

const (
	markReturned marks = 1 << iota // had left before
	markScored                     // the newest rating was a score
	markCame                       // an engagement was no purchase
	markSettled                    // the newest of trouble and its end, by arrival, was the end
	markEnd      = 1 << (noticeShift + 2)

	noticeShift = 4
	markNotice  = marks(3 << noticeShift)
)
