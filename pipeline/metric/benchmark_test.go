package metric_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"ebb/pipeline/metric"
)

func TestReadBenchmarks(t *testing.T) {
	const header = "metric,segment,figure,value,source\n"
	known := metric.Describe()
	all, err := metric.ReadBenchmarks(strings.NewReader("\ufeff"+header+
		"sentiment,,mean_sentiment,0.21,\"a study, 2025\"\n\nsentiment,channel=web,mean_sentiment,-0.1,another\n"), known)
	if err != nil || len(all) != 2 || all[0].Source != "a study, 2025" || all[1].Segment != "channel=web" || all[1].Value != -0.1 {
		t.Errorf("%+v, %v", all, err)
	}
	for lines, want := range map[string]string{
		"":                       `line 1 is ""; write the header`,
		"metric;figure\n":        "write the header metric,segment,figure,value,source",
		header + "sentiment,x\n": "line 2: it has 2 fields",
		header + "sentimnt,,mean_sentiment,1,s\n":                                                                              "did you mean sentiment.mean_sentiment?",
		header + "zzzz,,zzzz,1,s\n":                                                                                            "`ebb benchmark figures` lists them",
		header + "sentiment,,mean_sentiment,42 %,s\n":                                                                          `line 2: value is "42 %"; write a number`,
		header + "sentiment,,mean_sentiment,NaN,s\n":                                                                           `value is "NaN"`,
		header + "sentiment,,mean_sentiment,1, \n":                                                                             `source is ""`,
		header + "sentiment,plan=gold,mean_sentiment,1,s\n":                                                                    "sentiment.mean_sentiment has nothing, for all and channel=VALUE",
		header + "sentiment,,mean_sentiment,1,s\nsentiment,,mean_sentiment,2,s\n":                                              "line 3: sentiment.mean_sentiment stands on line 2 too",
		header + "a,,b,1,s\nsentiment,,mean_sentiment,1,s\nsentiment,,mean_sentiment,x,s":                                      "line 4: value is",
		header + "sentiment,,mean_sentiment,1,\"s\n":                                                                           "extraneous or missing \"",
		header + strings.Repeat(fmt.Sprintf("sentiment,channel=%0250d,mean_sentiment,1,s\n", 1), metric.MaxBenchmarkBytes/250): "more than 1048576 bytes",
	} {
		if _, err := metric.ReadBenchmarks(strings.NewReader(lines), known); !errors.Is(err, metric.ErrBenchmark) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v; want %q", lines, err, want)
		}
	}
}

func TestParseTarget(t *testing.T) {
	known := metric.Describe()
	for text, want := range map[string]metric.Benchmark{
		"sentiment.mean_sentiment>=0.2":                {Metric: "sentiment", Figure: "mean_sentiment", Value: 0.2},
		"sentiment.negative_share<=0.1;channel=social": {Metric: "sentiment", Figure: "negative_share", Value: 0.1, AtMost: true, Segment: "channel=social"},
		"members.active_rate>=0.5":                     {Metric: "members", Figure: "active_rate", Value: 0.5},
		"cac.cac<=80;currency=EUR":                     {Metric: "cac", Figure: "cac", Value: 80, AtMost: true, Segment: "currency=EUR"},
		"total.customers >= 500":                       {Metric: "total", Figure: "customers", Value: 500},
	} {
		if got, err := metric.ParseTarget(text, known); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"sentiment.mean_sentiment=0.2":         "says neither >= nor <=",
		"worth.lifetime_value>=9":              "write currency=VALUE",
		"retention.retention>=0.5":             "there is no figure retention.retention",
		"sentiment>=1":                         "names no figure of a metric",
		"sentiment.mean_sentiment>=":           "has no number",
		"sentiment.mean_sentiment>=1e999":      "has no number",
		"sentiment.mean_sentimen>=1":           "did you mean sentiment.mean_sentiment?",
		"sentiment.mean_sentiment>=1;plan=old": `segment is "plan=old"`,
	} {
		if _, err := metric.ParseTarget(text, known); !errors.Is(err, metric.ErrBenchmark) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", text, err, want)
		}
	}
}
