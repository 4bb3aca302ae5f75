package churn

import "math"

// Time is cut into slots of H/8. A slot with a qualifying event is active; a
// customer's active slots are counted once, whatever happens inside of them.
// A visit begins with an event after a pause of more than H/100, or in a slot
// that was not active yet: who never pauses visits once a slot.
const (
	SlotsPerHorizon = 8 // also how many learning steps a horizon has

	recentSlots = 64 // bits of State.recent
	visitPause  = 0.01
	patienceOf  = 16 // part of the horizon
)

// The memories of a customer's visits.
const (
	lately = iota
	recently
	overall
	memories
)

// memory are their half-lives in horizons, each four times the one before.
var memory = [memories]float64{1.0 / 8, 1.0 / 2, 2}

// moderation draws the log-odds towards even odds, because the weights are not
// known for sure and businesses drift: the moderated output of MacKay 1992,
// "The evidence framework applied to classification networks", Neural
// Computation 4, with one factor for all. On purchase, message, course and
// contribution logs, each left out of its prior, the mean expected calibration error
// is .0276 to .0281 from .89 to .93.
const moderation = 0.92

// Model is a Config, a Prior and Parameters. It is immutable but for
// SetParameters, and one goroutine's.
type Model struct {
	config     Config
	prior      *Prior
	parameters Parameters
	language   *Language

	slot         int64             // ms
	patience     int64             // ms, the least silence before a level is raised
	perSlot      float64           // slots per ms
	perUnit      float64           // horizons per ms
	logHorizon   float64           // of ms
	perDeviation [features]float64 // of the prior's terms

	weights [terms]float64        // in use, moderated
	week    [hoursPerWeek]float64 // termWeek by the hour of now, standardized
	average float64               // of week

	raise  [Levels]Score   // raise[l]: the score at which level l is raised
	target [Levels]float64 // target[l]: the log-odds at which it is rounded up to that
	clear  [Levels]Score   // clear[l]: the score below which level l is cleared

	unusual float64           // of the config, in log-odds
	usual   [LongSilent]Score // by segment, of which a relative alarm is above
}

// NewModel checks the configuration and takes the prior's parameters.
func NewModel(config Config) (*Model, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	m := &Model{
		config:   config,
		prior:    config.prior(),
		language: config.language(),
		slot:     config.Horizon / SlotsPerHorizon,
		patience: max(config.Dwell, config.Horizon/patienceOf),
		perSlot:  SlotsPerHorizon / float64(config.Horizon),
		perUnit:  1 / float64(config.Horizon),
		unusual:  math.Log(config.Unusual),

		logHorizon: math.Log(float64(config.Horizon)),
	}
	for i := range m.perDeviation {
		m.perDeviation[i] = 1 / m.prior.Terms[i].Deviation
	}
	m.use(m.prior.Parameters())

	return m, nil
}

// Config is what NewModel was given.
func (m *Model) Config() Config { return m.config }

// Horizon is H in milliseconds.
func (m *Model) Horizon() int64 { return m.config.Horizon }

// Parameters are those in use.
func (m *Model) Parameters() *Parameters { return &m.parameters }

// Slot is the length of a slot and of a learning step, H/8, in milliseconds.
func (m *Model) Slot() int64 { return m.slot }

// Step numbers the learning steps, each a slot long, from 1970 on.
func (m *Model) Step(now int64) int64 { return now / m.slot }

// SetParameters puts other parameters to use if those in use are Before them:
// of a higher version, or of the same version and greater in a fixed total order.
// So models that were given the same ones, in whatever order, use the same.
// Parameters that can't be used change nothing. It reports whether risks have
// changed; then every customer's next crossing has to be solved anew.
func (m *Model) SetParameters(p Parameters) bool {
	if !m.parameters.Before(&p) || p.Validate() != nil {
		return false
	}
	changed := !p.same(&m.parameters)
	m.use(p)

	return changed
}

func (m *Model) use(p Parameters) {
	m.parameters = p
	m.weights = p.Weights.Mean
	if p.Trial.lost() {
		m.weights = m.prior.weights()
	}
	m.weights[termBias] += p.Shift
	for i := range m.weights {
		m.weights[i] *= moderation
	}
	m.follow(&p.Losses)
	m.week = m.weekTerms()
	m.average = 0
	for i := range m.week {
		m.average += m.week[i] / hoursPerWeek
	}
}

// weekTerms are termWeek for each hour of the week. A horizon that has the
// whole week has nothing to tell, whatever the scale is centred on.
func (m *Model) weekTerms() (terms [hoursPerWeek]float64) {
	if m.config.Horizon >= hoursPerWeek*hour {
		return terms
	}
	scale := &m.prior.Terms[termWeek]
	for i, share := range m.parameters.Week.shares(m.config.Horizon) {
		terms[i] = min(max((share-scale.Mean)*m.perDeviation[termWeek], -clipAt), clipAt)
	}

	return terms
}

// shares are, for each hour of the week, the logarithm of the activity in the
// horizon, of less than a week, that follows it over that in an even week.
func (w *Week) shares(horizon int64) (shares [hoursPerWeek]float64) {
	hours := max(horizon/hour, 1)
	for from := range shares {
		var sum float64
		for ahead := range hours {
			sum += w[(int64(from)+1+ahead)%hoursPerWeek]
		}
		shares[from] = math.Log(sum / float64(hours))
	}

	return shares
}

// slotOf numbers the slots from 1970 on. Multiplying is several times quicker
// than dividing; a slot may so begin a millisecond sooner or later, but always
// the same one.
func (m *Model) slotOf(t int64) int64 { return int64(float64(t) * m.perSlot) }
