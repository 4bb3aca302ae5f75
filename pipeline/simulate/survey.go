package simulate

import "math"

// question is what a survey asks.
type question uint8

const (
	noQuestion  question = iota
	recommend            // 0 to 10
	satisfied            // 1 to 5
	easy                 // 1 to 7
	goalReached          // yes or no
	feeling              // 1 to 5
	questions   = iota
)

// questionNames are the property survey of surveys.
func questionNames() [questions]string {
	return [...]string{"", "nps", "csat", "ces", "goal", "emotion"}
}

// The answers of people are on a scale of 0 to 10: a normal distribution around this
// mean, rounded, of who is content, less where they aren't.
const (
	answerLow    = 3.0
	answerGain   = 5.5
	answerSpread = 2.0
)

// asks is how a visit may end: the company asks whoever comes, most seldom.
func (v *script) asks() {
	if v.simulator.more.chance(0.025) {
		v.answer(v.simulator.more, v.also)
	}
}

// answer fills in a survey; who fades is less content, and so is who had to call.
func (v *script) answer(r random, act func(topic, int64) *happening) {
	here := v.channel
	content := 1 - v.person.distress(v.at)
	about := question(1 + v.simulator.more.pick(40, 25, 15, 10, 10))
	if about == recommend { // by the company; the others where one is
		v.channel = survey
	}
	asked := func(what topic) *happening {
		f := act(what, v.pause())
		f.question = about

		return f
	}
	asked(surveyShown)
	if r.chance(0.6) {
		asked(surveyStarted)
		if r.chance(0.8) {
			f := asked(surveyAnswered)
			f.truth = answerLow + answerGain*content + float64(v.person.mood)
			if about != recommend && (here == call || here == chat) {
				f.truth--
			}
			f.number, f.reached = answerTo(about, f.truth+answerSpread*r.NormFloat64())
			if r.chance(0.3) {
				act(feedbackGiven, v.pause()).number = sentiment(1.4*content - 0.9 + 0.4*r.NormFloat64())
			}
		}
	}
	v.channel = here
}

// answerTo is the answer of who would answer x of 0 to 10: a score, or whether the
// goal was reached.
func answerTo(about question, x float64) (score float64, reached bool) {
	x = math.Round(min(10, max(0, x)))
	switch about {
	case satisfied, feeling:
		return 1 + math.Round(0.4*x), false
	case easy:
		return 1 + math.Round(0.6*x), false
	case goalReached:
		return 0, x >= 5
	}

	return x, false
}

// sentiment is one that an analysis would give, from -1 to 1.
func sentiment(x float64) float64 { return math.Round(100*min(1, max(-1, x))) / 100 }
