package coordinate_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/coordinate"
	"ebb/pipeline/fact"
)

func drawWorths(t *rapid.T, most int) []fact.Worth {
	worth := rapid.OneOf(rapid.Just(fact.Worth(0)), rapid.Map(rapid.Uint64Max(5), func(n uint64) fact.Worth { return fact.Worth(n) }),
		rapid.Map(rapid.Uint64Max(1<<60-1), func(n uint64) fact.Worth { return fact.Worth(n) }))
	worths := rapid.SliceOfN(worth, 0, most).Draw(t, "worths")
	slices.SortFunc(worths, func(a, b fact.Worth) int { return cmp.Compare(b, a) })

	return worths
}

func TestWorthsCodec(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		worths := drawWorths(t, 50)
		data := fact.AppendWorths(nil, worths)
		got, err := fact.ReadWorths(data)
		if err != nil || !slices.Equal(got, worths) {
			t.Fatalf("%v became %v, %v", worths, got, err)
		}
		if _, err := fact.ReadWorths(data[:len(data)-1]); err == nil {
			t.Fatal("worths that are cut were read")
		}
		if _, err := fact.ReadWorths(append(data, 0)); err == nil {
			t.Fatal("worths with a byte behind them were read")
		}
	})
	if _, err := fact.ReadWorths([]byte{2, 1, 2}); err == nil {
		t.Error("a worth below 0 was read")
	}
}

// The budget goes to the same candidates as if all were sorted in one list.
func TestSelectBestAgainstOneList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type entry struct {
			list  int
			worth fact.Worth
		}
		var all []entry
		lists := make([][]fact.Worth, rapid.IntRange(1, 6).Draw(t, "partitions"))
		for i := range lists {
			lists[i] = drawWorths(t, 12)
			for _, worth := range lists[i] {
				all = append(all, entry{i, worth})
			}
		}
		n := rapid.IntRange(0, 40).Draw(t, "budget")
		slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(b.worth, a.worth) })
		want := make([]int, len(lists))
		for _, e := range all[:min(n, len(all))] {
			want[e.list]++
		}
		if got := coordinate.SelectBest(lists, n); !slices.Equal(got, want) {
			t.Fatalf("%v of %v, want %v", got, lists, want)
		}
	})
}

// round is a report of a live round, or of a question of an import.
func round(partition int, key fact.RoundKey, member, asks bool, worths ...fact.Worth) fact.StatisticsReport {
	return fact.StatisticsReport{
		Schema: 2, Partition: partition, Import: key.Import, Coordinate: key.Question,
		Alerts: &fact.AlertRound{
			RoundKey: key, Member: member, Asks: asks, Budget: 3, Lists: []fact.AlertList{list("EUR", worths...)},
		},
	}
}

// list is what a partition reports of a currency.
func list(currency string, worths ...fact.Worth) fact.AlertList {
	return fact.AlertList{Currency: currency, Customers: len(worths), Worths: fact.AppendWorths(nil, worths)}
}

// offered gives reports to an allotter and lists what it answers, as partition,
// take, and from.
func offered(t *testing.T, a *coordinate.Allotter, more bool, reports ...fact.StatisticsReport) (answers []string) {
	t.Helper()
	for _, report := range reports {
		grants, err := a.Offer(report, more)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range grants {
			takes := strings.Trim(fmt.Sprint(g.Takes), "[]")
			answers = append(answers, fmt.Sprintf("%d: period %d take %s from %d", g.To, g.Period, cmp.Or(takes, "0"), g.From))
		}
	}

	return answers
}

func liveRound(period int64) fact.RoundKey { return fact.RoundKey{Period: period} }

func expectAnswers(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("answers\n%q, want\n%q", got, want)
	}
}

func TestAllotterDecidesOnceAllWhoWereHeardOfHaveReported(t *testing.T) {
	a := coordinate.NewAllotter(4) // of which the last never says anything
	expectAnswers(t, offered(t, a, false, round(0, liveRound(7), true, true, 50, 40, 5)), "0: period 7 take 3 from 8")
	expectAnswers(t, offered(t, a, false, round(1, liveRound(7), false, true, 90)), "1: period 7 take 0 from 8") // new
	expectAnswers(t, offered(t, a, false, round(0, liveRound(8), true, true, 50, 40, 5)))
	expectAnswers(t, offered(t, a, false, round(2, liveRound(8), false, true)), "2: period 8 take 0 from 9")
	expectAnswers(t, offered(t, a, false, round(1, liveRound(8), true, true, 40, 40)),
		"0: period 8 take 2 from 9", "1: period 8 take 1 from 9", "2: period 8 take 0 from 9")

	// A lost answer is given again, also when others are further.
	expectAnswers(t, offered(t, a, false, round(0, liveRound(9), true, true)))
	expectAnswers(t, offered(t, a, false, round(1, liveRound(8), true, true, 40, 40)), "1: period 8 take 1 from 10")
	expectAnswers(t, offered(t, a, false, round(1, liveRound(8), true, false, 40, 40)))
}

// Who begins anew reads the last report of every partition first, and must not
// decide on some of them.
func TestAllotterReadsAllBeforeItDecides(t *testing.T) {
	reports := []fact.StatisticsReport{
		round(0, liveRound(8), true, true, 50, 40, 5), round(1, liveRound(8), true, false, 45, 41), round(2, liveRound(8), true, true, 42),
	}
	a := coordinate.NewAllotter(3)
	expectAnswers(t, offered(t, a, true, reports[:2]...))
	expectAnswers(t, offered(t, a, false, reports[2]), "0: period 8 take 1 from 9", "2: period 8 take 1 from 9")
}

func TestAllotterDecidesImportsByQuestion(t *testing.T) {
	asked := func(question uint64, period int64) fact.RoundKey {
		return fact.RoundKey{Import: "i", Question: question, Period: period}
	}
	// What a partition still has of an earlier question.
	old := func(question uint64, report fact.StatisticsReport) fact.StatisticsReport {
		report.Coordinate = question

		return report
	}
	a := coordinate.NewAllotter(2)
	expectAnswers(t, offered(t, a, true, round(0, asked(1, 4), true, true, 9, 8)))
	expectAnswers(t, offered(t, a, true, round(1, asked(1, 4), true, true, 7, 6)), "0: period 4 take 2 from 5", "1: period 4 take 1 from 5")
	expectAnswers(t, offered(t, a, true, old(2, round(0, asked(1, 4), true, false, 9, 8)), old(2, round(1, asked(1, 4), true, false, 7, 6))))

	// Clocks that differ: a budget is given out once.
	expectAnswers(t, offered(t, a, true, round(0, asked(3, 5), true, true, 9), old(3, round(1, asked(1, 4), true, false))), "0: period 5 take 1 from 6")
	given := old(4, round(0, asked(3, 5), true, false, 9))
	given.Alerts.Given = 2
	expectAnswers(t, offered(t, a, true, given, round(1, asked(4, 5), true, true, 9, 8)), "1: period 5 take 1 from 6")

	// Live rounds and those of imports don't mix.
	expectAnswers(t, offered(t, a, false, round(0, liveRound(5), true, true, 9)))
}

// Another instance may have decided a period that this one has put off. Who
// begins then must not take part in it, whichever of them answers.
func TestAllottersAgreeOnWhoTakesPart(t *testing.T) {
	quick, slow := coordinate.NewAllotter(2), coordinate.NewAllotter(2)
	for _, a := range []*coordinate.Allotter{quick, slow} {
		expectAnswers(t, offered(t, a, false, round(0, liveRound(7), true, true, 50, 40, 5)), "0: period 7 take 3 from 8")
	}
	expectAnswers(t, offered(t, quick, false, round(0, liveRound(8), true, true, 50, 40, 5)), "0: period 8 take 3 from 9")
	expectAnswers(t, offered(t, slow, true, round(0, liveRound(8), true, true, 50, 40, 5)))
	for _, a := range []*coordinate.Allotter{quick, slow} {
		expectAnswers(t, offered(t, a, false, round(1, liveRound(7), false, true, 90)), "1: period 7 take 0 from 9")
	}
}

// Partitions of an import have somebody to tell of at different questions of one
// period. Together they get no more than its budget, in whatever order they
// report; one that has nobody yet does not hold the others up.
func TestAllotterGivesAPeriodOfAnImportOnce(t *testing.T) {
	key := func(question uint64) fact.RoundKey {
		return fact.RoundKey{Import: "i", Question: question, Period: 7}
	}
	nobody := func(partition int, question uint64) fact.StatisticsReport {
		return fact.StatisticsReport{Schema: 2, Partition: partition, Import: "i", Coordinate: question}
	}
	// told is a partition whose round was that of an earlier question.
	told := func(partition int, question, asks uint64, given int) fact.StatisticsReport {
		r := round(partition, key(question), true, false, 9, 8)
		r.Coordinate, r.Alerts.Given = asks, given

		return r
	}
	a := coordinate.NewAllotter(3)
	expectAnswers(t, offered(t, a, false, nobody(0, 1), nobody(1, 1), nobody(2, 1)))
	expectAnswers(t, offered(t, a, false, round(0, key(2), true, true, 9, 8), nobody(1, 2), nobody(2, 2)), "0: period 7 take 2 from 8")
	// Of a budget of three, one is left.
	expectAnswers(t, offered(t, a, false, round(1, key(3), true, true, 50, 40), told(0, 2, 3, 2), nobody(2, 3)), "1: period 7 take 1 from 8")
	expectAnswers(t, offered(t, a, false, told(0, 2, 4, 2), told(1, 3, 4, 1), round(2, key(4), true, true, 99)), "2: period 7 take 0 from 8")
	expectAnswers(t, offered(t, a, false, told(0, 2, 5, 2), told(1, 3, 5, 1), told(2, 4, 5, 0)))
	// Another allotter, which has heard nothing before, says the same.
	b := coordinate.NewAllotter(3)
	expectAnswers(t, offered(t, b, false, told(1, 3, 4, 1), round(2, key(4), true, true, 99), told(0, 2, 4, 2)), "2: period 7 take 0 from 8")
}

// Each currency has the share of the budget that its customers are of all, the
// most worth of any partition first; who has no value gets what remains.
func TestAllotterSharesTheBudgetByCurrency(t *testing.T) {
	report := func(partition, budget int, lists ...fact.AlertList) fact.StatisticsReport {
		r := round(partition, liveRound(8), true, true)
		r.Alerts.Budget, r.Alerts.Lists = budget, lists

		return r
	}
	many := list("EUR", 900, 800, 700, 600)
	many.Customers = 60 // of whom four are candidates
	for name, test := range map[string]struct {
		budget int
		first  []fact.AlertList
		second []fact.AlertList
		want   []string
	}{
		"enough for all": {
			8, []fact.AlertList{list("EUR", 5, 4), list("USD", 1), list(fact.NoValue, 9, 8)}, []fact.AlertList{list("", 2), list("USD", 3), list(fact.NoValue, 9, 9)},
			[]string{"take 2 1 1", "take 1 1 2"},
		},
		"by customers": {
			4, []fact.AlertList{many, list("USD", 5)}, []fact.AlertList{list("IDR", 1_000_000, 900_000), list("USD", 99, 98), list(fact.NoValue, 1)},
			[]string{"take 4 0", "take 0 0 0"},
		},
		"a share of each": {
			3, []fact.AlertList{list("EUR", 5, 4, 3, 2), list("IDR", 7_000_000)}, []fact.AlertList{list("EUR", 9), list("IDR", 8_000_000)},
			[]string{"take 1 0", "take 1 1"},
		},
		"no value": {
			2, []fact.AlertList{list(fact.NoValue, 5, 4)}, []fact.AlertList{list(fact.NoValue, 6)},
			[]string{"take 1", "take 1"},
		},
	} {
		a := coordinate.NewAllotter(2)
		expectAnswers(t, offered(t, a, true, report(0, test.budget, test.first...)))
		got := offered(t, a, false, report(1, test.budget, test.second...))
		var want []string
		for i, take := range test.want {
			want = append(want, fmt.Sprintf("%d: period 8 %s from 9", i, take))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: answers %q, want %q", name, got, want)
		}
	}
}

// Shares are whole, take up the budget, and none is a whole one off.
func TestSharesOfTheBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		customers := rapid.MapOfN(rapid.SampledFrom([]string{"", "EUR", "USD", "IDR", "VND"}), rapid.IntRange(1, 1000), 1, 5).Draw(t, "customers")
		budget := rapid.IntRange(1, 3000).Draw(t, "budget")
		all, sum := 0, 0
		for _, n := range customers {
			all += n
		}
		for currency, share := range coordinate.Shares(customers, budget) {
			sum += share
			if exact := float64(min(budget, all)) * float64(customers[currency]) / float64(all); math.Abs(float64(share)-exact) >= 1 {
				t.Fatalf("%q has %d, which is not near %v", currency, share, exact)
			}
		}
		if sum != min(budget, all) {
			t.Fatalf("%d are shared of %d", sum, budget)
		}
	})
}
