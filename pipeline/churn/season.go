package churn

// A year has ten seasons. Beside first stands in how many years the customer has
// engaged in each, two bits a season, up to sureYears. Who has come in the same
// few seasons of the year for so many years, such as in December alone, is not at
// risk of leaving in March: their silence is a usual one until their season has
// passed again without them. The risk stays what it is, the probability of
// nothing in the horizon; no level is raised meanwhile.
const (
	seasonsPerYear = 10
	seasonLength   = year / seasonsPerYear
	seasonBits     = 2
	sureYears      = 3
	mostSeasons    = 3 // of a year, that a seasonal customer has ever come in
)

// absoluteSeason numbers the seasons from 1970 on.
func absoluteSeason(t int64) int64 { return t / seasonLength }

// seasoned counts the year of a season's first engagement.
func (s *State) seasoned(t int64) {
	shift := seasonBits * uint(absoluteSeason(t)%seasonsPerYear)
	if seasons := s.first.rest(); seasons>>shift&sureYears < sureYears {
		s.first = s.first.with(seasons + 1<<shift)
	}
}

// seasonOver is the end of the next season in which a seasonal customer comes,
// false for all others.
func (s *State) seasonOver() (int64, bool) {
	seasons := s.first.rest()
	of := func(season int64) uint64 { return seasons >> (seasonBits * uint(season%seasonsPerYear)) & sureYears }
	ever, next := 0, int64(0)
	now := absoluteSeason(s.last)
	for ahead := int64(seasonsPerYear); ahead > 0; ahead-- {
		switch of(now + ahead) {
		case 0:
			continue
		case sureYears:
			next = ahead
		}
		ever++
	}
	if next == 0 || ever > mostSeasons {
		return 0, false
	}

	return (now + next + 1) * seasonLength, true
}

// raisableAfter is the earliest time at which cooling or at_risk may be raised,
// whatever the score.
func (m *Model) raisableAfter(s *State) int64 {
	from := s.last + m.patience
	if s.First() <= s.last-2*year+seasonLength { // the quick answer for nearly all
		if over, ok := s.seasonOver(); ok {
			return max(from, over)
		}
	}

	return from
}
