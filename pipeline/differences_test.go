package pipeline_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
)

// Whatever differs between two configurations is said, so that nothing can change
// without a word. What is no setting is part of the program.
func TestEveryDifferenceIsSaid(t *testing.T) {
	base := meaning.DefaultConfig()
	base.AlertBudget, base.AlertEvery = 5, time.Hour
	base.Duplicates.ByID, base.Duplicates.Keep = true, time.Hour
	base.Churn.ContactCost, base.Churn.Uplift = 1, 0.5
	noSetting := []string{"StoreStep", "MaxEventBytes", "Lengths", "Vocabulary", "Churn.Prior"}
	var visit func(path string, at []int, of reflect.Type)
	visit = func(path string, at []int, of reflect.Type) {
		for i := range of.NumField() {
			field := of.Field(i)
			name, index := strings.TrimPrefix(path+"."+field.Name, "."), append(slices.Clone(at), i)
			if slices.Contains(noSetting, name) {
				continue
			}
			if field.Type.Kind() == reflect.Struct {
				visit(name, index, field.Type)

				continue
			}
			other := base
			switch value := reflect.ValueOf(&other).Elem().FieldByIndex(index); value.Kind() {
			case reflect.String:
				value.SetString("pt")
			case reflect.Bool:
				value.SetBool(!value.Bool())
			case reflect.Slice:
				changed := reflect.ValueOf([]metric.Rollup{{Name: "plan", By: []string{"type"}}})
				if value.Type().Elem().Kind() == reflect.String {
					changed = reflect.ValueOf([]string{"sentiment"})
				}
				value.Set(changed)
			case reflect.Float64:
				value.SetFloat(value.Float()/2 + 0.01)
			default:
				value.SetInt(value.Int() + int64(time.Minute))
			}
			if found := meaning.Differences(&base, &other); len(found) == 0 {
				t.Errorf("%s differs, and nothing is said: add it to Config.Settings", name)
			}
		}
	}
	visit("", nil, reflect.TypeFor[meaning.Config]())

	plan := metric.Rollup{Name: "plan", By: []string{"type"}}
	base.Rollups = []metric.Rollup{plan}
	for i, field := range []func(*metric.Rollup){
		func(r *metric.Rollup) { r.By = []string{"kind"} }, func(r *metric.Rollup) { r.Value = true },
		func(r *metric.Rollup) { r.AtMost = 7 }, func(r *metric.Rollup) { r.Types = []string{"order.completed"} },
	} {
		changed, other := plan, base
		field(&changed)
		other.Rollups = []metric.Rollup{changed}
		if found := meaning.Differences(&base, &other); len(found) != 1 || found[0].Item != "plan" {
			t.Errorf("field %d of a rollup differs, and what is said is %v", i, found)
		}
	}
}

func TestDifferencesInWords(t *testing.T) {
	yes := true
	from, to := meaning.DefaultConfig(), meaning.DefaultConfig()
	from.Vocabulary.Types = []vocabulary.TypeConfig{{Type: "quiz.finished", Kind: "active"}, {Type: "demo.seen", Kind: "passive"}}
	to.Vocabulary.Types = []vocabulary.TypeConfig{{Type: "login", AliasOf: "session.started"}, {Type: "quiz.finished", Kind: "active", Channel: "app", Negative: &yes}}
	to.Vocabulary.Channels = []string{"kiosk", "web"}
	to.Vocabulary.UnknownTypes = vocabulary.RejectUnknown
	to.Lateness, to.Keep, to.Currency = time.Hour, 0, "EUR"
	to.Churn = to.Churn.Fixed(0.5, 0.85)
	to.AlertBudget, to.AlertEvery = 10, 12*time.Hour
	from.Rollups = []metric.Rollup{{Name: "plan", By: []string{"type"}}, {Name: "gone", By: []string{"kind"}}}
	to.Rollups = []metric.Rollup{{Name: "plan", By: []string{"type"}, Value: true, AtMost: 7}}
	var lines []string
	for _, d := range meaning.Differences(&from, &to) {
		lines = append(lines, d.String())
	}
	want := []string{
		"lateness: 10m → 1h", "customers.keep: 730d → 0s", "unknown_types: accept → reject", "channels kiosk added: kiosk",
		"vocabulary login added: alias:session.started", "vocabulary quiz.finished: active → active/app;negative=true",
		"rollups plan: type → type;value;at_most=7", "churn.cooling_at: auto → 0.5", "churn.at_risk_at: auto → 0.85", "churn.in_time: 0.3 → none", "churn.least_risk: 0.2 → none",
		"churn.currency: none → EUR", "churn.alert_budget: 0 → 10", "churn.alert_every: none → 12h",
		"vocabulary demo.seen removed: passive", "rollups gone removed: kind",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if again := meaning.Differences(&to, &to); len(again) > 0 {
		t.Errorf("a configuration differs from itself: %v", again)
	}
}
