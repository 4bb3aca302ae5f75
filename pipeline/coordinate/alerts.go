package coordinate

import (
	"fmt"

	"ebb/pipeline/fact"
)

// Allotter shares the alert budget out over the partitions: the candidates most
// worth it, wherever they are. Amounts of different currencies have no order, so
// each currency gets a share of the budget by how many customers are to be told
// of whose value is in it, and customers without a value get what remains.
//
// It never gives more than the budget in a period, however often it is started
// anew, however many run at once, and whatever gets lost or comes twice, because
// an answer follows from reports that don't change: each partition fixes its
// candidates once a period. Who takes part is fixed, too, although partitions
// without customers say nothing and may begin to at any time:
//
//   - a live period is decided once all partitions that were ever heard of have
//     reported it;
//   - a partition that was not heard of before is told from which period on it
//     takes part, one behind all that any partition has reported. So whoever
//     decided an earlier one without it was right;
//   - both wait until no report is left unread.
//
// So it has to know the last report of every partition, and the statistics
// stream has to keep one for longer than a period. Once ebb has stood still for
// so long that they were removed, the first period after may be shared without
// some partitions, and by several instances in several ways.
//
// A partition that does not report a period before the others are in the next
// one leaves that period without alerts. An import has reports of all
// partitions, and is decided by question: a partition's round is that of the
// first question of the period at which it has somebody to tell of, and what
// others were given in the period before is not given again.
type Allotter struct {
	last    []heard
	decided fact.RoundKey     // of the last decision; Period is not used in an import
	facts   []fact.AlertsFact // of it, by partition
}

// heard is what the Allotter keeps of a partition's last report.
type heard struct {
	reported bool
	asked    question
	round    fact.AlertRound // the zero AlertRound where it had none
}

// Grant is an answer to one partition.
type Grant struct {
	fact.AlertsFact
	To int // partition
}

// NewAllotter returns the allotter of so many partitions.
func NewAllotter(partitions int) *Allotter { return &Allotter{last: make([]heard, partitions)} }

// Offer takes a report and gives the answers that follow. more says that later
// reports are there to be read.
func (a *Allotter) Offer(report fact.StatisticsReport, more bool) ([]Grant, error) {
	if report.Partition < 0 || report.Partition >= len(a.last) {
		return nil, nil // the Coordinator says so
	}
	held := &a.last[report.Partition]
	*held = heard{reported: true, asked: questionOf(&report)}
	if report.Alerts != nil {
		held.round = *report.Alerts
	}
	key := held.round.RoundKey
	switch {
	case report.Import != "":
		if !a.allAsk(held.asked) {
			return nil, nil
		}

		return a.decide(a.newestRound(held.asked))
	case report.Alerts == nil:
		return nil, nil
	case key == a.decided:
		return a.again(report.Partition), nil
	case more:
		return nil, nil // who has not got an answer asks again
	case key.Import != "" || !a.allReport(key):
		return a.join(report.Partition), nil
	}

	return a.decide(key, 0)
}

// again repeats an answer to who asks for it again.
func (a *Allotter) again(partition int) []Grant {
	if !a.last[partition].round.Asks {
		return nil
	}

	fact := a.facts[partition]
	fact.From = a.from(fact.Every) // others may have reported later periods since

	return []Grant{{fact, partition}}
}

// join tells a partition that was not heard of before from when on it takes
// part. It has no share of the period that it asks for.
func (a *Allotter) join(partition int) []Grant {
	round := &a.last[partition].round
	if !round.Asks || round.Member {
		return nil
	}

	return []Grant{{fact.AlertsFact{RoundKey: round.RoundKey, From: a.from(round.Every)}, partition}}
}

// from is the period behind all that were reported. Of a partition whose periods
// have another length it is the one that its period ends in.
func (a *Allotter) from(every int64) (period int64) {
	for i := range a.last {
		round := &a.last[i].round
		if round.Every == every || every == 0 {
			period = max(period, round.Period)
		} else {
			period = max(period, (round.Period+1)*round.Every/every)
		}
	}

	return period + 1
}

// allReport says whether all partitions that were heard of are in this round.
func (a *Allotter) allReport(key fact.RoundKey) bool {
	for i := range a.last {
		if a.last[i].reported && a.last[i].round.RoundKey != key {
			return false
		}
	}

	return true
}

// allAsk says whether all partitions ask this question of an import.
func (a *Allotter) allAsk(asked question) bool {
	for i := range a.last {
		if !a.last[i].reported || a.last[i].asked != asked {
			return false
		}
	}

	return true
}

// newestRound is the one of the latest period that a question of an import has
// begun, and what earlier questions have given of that period's budget. Where
// clocks differ, because partitions had live events before it, a partition that
// began this period live, or a later one, has had its share: then there is none.
func (a *Allotter) newestRound(asked question) (round fact.RoundKey, given int) {
	round = fact.RoundKey{Import: asked.imported, Question: asked.coordinate}
	for i := range a.last {
		if at := a.last[i].round.RoundKey; at.Import == round.Import && at.Question == round.Question {
			round.Period, round.Every = max(round.Period, at.Period), at.Every
		}
	}
	for i := range a.last {
		switch at := a.last[i].round.RoundKey; {
		case at == round || at.Period < round.Period:
		case at.Period == round.Period && at.Import == round.Import && !a.last[i].round.Asks:
			given += max(a.last[i].round.Given, 0)
		default:
			return fact.RoundKey{}, 0
		}
	}

	return round, given
}

// decide answers all that take part in a round. The zero RoundKey gives nothing.
func (a *Allotter) decide(key fact.RoundKey, given int) ([]Grant, error) {
	if key == (fact.RoundKey{}) {
		return nil, nil
	}
	lists, budget, err := a.listsOf(key)
	if err != nil {
		return nil, err
	}
	takes := shareOut(lists, max(budget-given, 0))
	a.decided, a.facts = key, make([]fact.AlertsFact, len(a.last))
	from := a.from(key.Every)
	var grants []Grant
	for i := range a.last {
		a.facts[i] = fact.AlertsFact{RoundKey: key, Takes: takes[i], From: from}
		if round := &a.last[i].round; round.RoundKey == key && round.Asks {
			grants = append(grants, Grant{a.facts[i], i})
		}
	}

	return grants, nil
}

// alertList is an AlertList that was read.
type alertList struct {
	currency  string
	customers int
	worths    []fact.Worth
}

// listsOf are the lists of those that take part in a round, by partition, and
// the least budget among them.
func (a *Allotter) listsOf(key fact.RoundKey) ([][]alertList, int, error) {
	lists := make([][]alertList, len(a.last))
	budget := fact.MaxAlertBudget
	for i := range a.last {
		round := &a.last[i].round
		if round.RoundKey != key || !round.Member {
			continue
		}
		for _, list := range round.Lists {
			worths, err := fact.ReadWorths(list.Worths)
			if err != nil {
				return nil, 0, fmt.Errorf("alerts of partition %d: %w", i, err)
			}
			lists[i] = append(lists[i], alertList{list.Currency, max(list.Customers, 0), worths})
		}
		budget = min(budget, round.Budget)
	}

	return lists, budget, nil
}

// selectBest says how many of each list, from its first on, are among the n
// greatest of all. The lists never grow. Of equal ones, those of an earlier list
// come first, then those that stand earlier in it.
func selectBest(lists [][]fact.Worth, n int) []int {
	taken := make([]int, len(lists))
	for range n {
		best := -1
		for i, list := range lists {
			if taken[i] < len(list) && (best < 0 || list[taken[i]] > lists[best][taken[best]]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		taken[best]++
	}

	return taken
}
