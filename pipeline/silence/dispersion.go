package silence

// dispersion measures how many independent events one event stands for: the
// variance of the counts over their mean, φ, as in a quasi-Poisson model
// (McCullagh and Nelder, Generalized Linear Models, 1989, section 6.2).
// Customers come in sessions, producers send in batches; ten events of one
// session say no more about the feed than one does.
//
// The variance is half the mean squared difference of successive residuals
// (von Neumann, Annals of Mathematical Statistics 12, 1941): unlike Pearson's,
// it leaves out that a whole day is better or worse than usual, which says
// nothing about a stop. It is taken over steps and over hours, because a
// session is longer than a step, and the greater counts.
type dispersion struct {
	steps, hours float64 // sums of half the squared differences, faded
	usual        float64 // sum of the usual counts, faded alike
	step, hour   float64 // the last residuals
}

// The prior: before anything is known, an event counts for little.
const (
	priorPhi    = 5
	priorEvents = 100
)

// fade is what an hour leaves of the sums, so that they remember four weeks.
const fade = 1 - 1.0/(weeks*hoursOfWeek)

func (d *dispersion) addStep(count, usual float64) {
	residual := count - usual
	d.steps += (residual - d.step) * (residual - d.step) / 2
	d.usual += usual
	d.step = residual
}

func (d *dispersion) addHour(count, usual float64) {
	residual := count - usual
	d.hours += (residual - d.hour) * (residual - d.hour) / 2
	d.hour = residual
}

func (d *dispersion) fade() {
	d.steps *= fade
	d.hours *= fade
	d.usual *= fade
}

// phi is at least 1: counts more regular than Poisson's are no reason to be
// less careful.
func (d *dispersion) phi() float64 {
	return max(1, (max(d.steps, d.hours)+priorPhi*priorEvents)/(d.usual+priorEvents))
}
