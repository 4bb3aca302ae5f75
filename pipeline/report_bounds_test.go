package pipeline_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"ebb/pipeline/churn"
	"ebb/pipeline/fact"
	"ebb/pipeline/vocabulary"
)

// The largest report that a shard can make fits into a message, with room for
// the headers of a batch. Every number in it is as long as one can be.
func TestTheLargestReportFitsIntoAMessage(t *testing.T) {
	report := fact.StatisticsReport{Alerts: &fact.AlertRound{}}
	report.Statistics.Week = make([]int64, len(report.Parameters.Week))
	lengthen(reflect.ValueOf(&report).Elem())
	report.Rows = make([]byte, churn.MaxReportBytes)
	report.Alerts.Lists = []fact.AlertList{{Currency: "EUR", Customers: math.MaxUint32, Worths: fact.AppendWorths(nil, longestWorths())}}
	for range len(vocabulary.Currencies()) + 1 {
		report.Alerts.Lists = append(report.Alerts.Lists, fact.AlertList{Currency: "USD", Customers: math.MaxUint32, Worths: make([]byte, 10)})
	}

	data, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	const message, headers = 1 << 20, 1 << 10
	if len(data) > message-headers {
		t.Errorf("%d bytes, want at most %d", len(data), message-headers)
	}
	if worths, err := fact.ReadWorths(report.Alerts.Lists[0].Worths); err != nil || len(worths) != fact.MaxAlertBudget {
		t.Errorf("%d worths: %v", len(worths), err)
	}
}

// longestWorths are as many and as far apart as can be: a distance of a byte
// more is at least 128 times as large, so no other lengths take more bytes.
func longestWorths() []fact.Worth {
	left := uint64(1<<60 - 1) // a value of 46 bits and a risk of 14
	worths := []fact.Worth{fact.Worth(left)}
	for n := fact.MaxAlertBudget - 1; n > 0; n-- {
		step := uint64(1)
		for float64(step<<7)*float64(n) <= float64(left) { // all that follow could be as long
			step <<= 7
		}
		if longer := step << 7; float64(longer)+float64(step)*float64(n-1) <= float64(left) {
			step = longer
		}
		left -= step
		worths = append(worths, fact.Worth(left))
	}

	return worths
}

// lengthen gives every number and text the longest form in JSON.
func lengthen(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			lengthen(v.Field(i))
		}
	case reflect.Pointer:
		lengthen(v.Elem())
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			lengthen(v.Index(i))
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(math.MinInt64)
	case reflect.Uint64:
		v.SetUint(math.MaxUint64)
	case reflect.Float64:
		v.SetFloat(-2.2250738585072014e-308)
	case reflect.String: // the name of an import, and only it
		v.SetString(strings.Repeat("\x01", 128))
	case reflect.Bool: // false is the longer one
	default:
		panic("a field of kind " + v.Kind().String())
	}
}
