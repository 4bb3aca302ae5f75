package metric

import (
	"maps"
	"testing"
)

func TestRatiosAreReadFromFormulas(t *testing.T) {
	for formula, want := range map[string]struct{ over, by terms }{
		"revenue - returned":                         {over: terms{"revenue": 1, "returned": -1}},
		"1000 * (a + b) / sent":                      {terms{"a": 1000, "b": 1000}, terms{"sent": 1}},
		"(a + 2 * b - a) / (n + a)":                  {terms{"a": 0, "b": 2}, terms{"n": 1, "a": 1}},
		"toInt64(a) / nullIf(toFloat64(n), 0)":       {terms{"a": 1}, terms{"n": 1}},
		"100 * (toInt64(a + b) - toInt64(c)) / n":    {terms{"a": 100, "b": 100, "c": -100}, terms{"n": 1}},
		"a - (b - c)":                                {over: terms{"a": 1, "b": -1, "c": 1}},
		"2.5 * a / n":                                {terms{"a": 2.5}, terms{"n": 1}},
		"(likes + shares + comments) / views":        {terms{"likes": 1, "shares": 1, "comments": 1}, terms{"views": 1}},
		"0.5 * (2 * a) / (0.25 * (4 * n + (a - n)))": {terms{"a": 1}, terms{"n": 0.75, "a": 0.25}},
	} {
		over, by, ok := ratioOf(formula)
		if !ok || !maps.Equal(over, want.over) || !maps.Equal(by, want.by) {
			t.Errorf("%s: %v by %v, %v, want %v by %v", formula, over, by, ok, want.over, want.by)
		}
	}
}

// What is more than sums and one division stays a formula.
func TestFormulasThatAreNoRatios(t *testing.T) {
	for _, formula := range []string{
		"", "a +", "1", "1 - a / n", "a * b", "a * 2", "0 * a", "a / n / n", "a / n + b / n", "a / 2", "a + 1", "-a", "sqrt(a) / n",
		"a / nullIf(n, 1)", "nullIf(a, 0) / n", "greatest(a, 0)", "pow(a, 2) / n", "if(a > 0, a, NULL)", "a % n",
	} {
		if over, by, ok := ratioOf(formula); ok {
			t.Errorf("%s: %v by %v", formula, over, by)
		}
	}
}

// Most figures of cuts are data; a formula of its own makes their view slower to plan.
func TestMostFiguresOfCutsAreRatios(t *testing.T) {
	figures, formulas := 0, 0
	for _, m := range All() {
		_, rest := m.cutFigures()
		figures, formulas = figures+len(m.Figures), formulas+len(rest)
	}
	if figures < 40 || formulas > figures/5 {
		t.Errorf("%d of %d figures are formulas", formulas, figures)
	}
}
