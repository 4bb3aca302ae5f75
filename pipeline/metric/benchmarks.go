package metric

import "strings"

// benchmark holds the figures of the last 28 days against what was wanted, what was,
// and what others have.
func benchmark() *Derived {
	more := func(name, definition string) Column { return derived(detail(name, definition))[0] }

	return &Derived{
		Name:  "benchmark",
		Title: "Figures against targets and benchmarks",
		Definition: "Figures of the last 28 days, against a target (setting benchmarks.targets), against the 28 days before, and against what others have " +
			"(setting benchmarks.file). Send days of campaigns count up to the same day; the newest are still open. Of censuses it is the last day of the 28. " +
			"What retention (ttl.rollups) removes is NULL from when on some of it may be gone.",
		FedBy: "the metrics whose figures they are",
		Columns: []Column{
			{Name: "as_of", Role: InTime, Definition: "exclusive end of the newest 28 days, UTC"},
			dimension("metric", "whose figure it is"),
			dimension("segment", "dimension=value; empty for all of them together"),
			dimension("figure", "name of the figure, or of a measure"),
			derived(measure("value", "unit of the figure", "NULL of too few cases"))[0],
			derived(measure("before", "unit of the figure", "the same 28 days before"))[0],
			more("against_before", "value / before"),
			more("target", "what was wanted; NULL without"),
			more("met", "1 where the value is as wanted, or better; 0 where it isn't; NULL without a target or a value"),
			more("industry", "what others have; NULL without"),
			more("against_industry", "value / industry"),
			more("source", "of the figure of others"),
		},
		Types: []string{
			"DateTime64(3, 'UTC')", "String", "String", "String",
			"Nullable(Float64)", "Nullable(Float64)", "Nullable(Float64)", "Nullable(Float64)", "Nullable(UInt8)", "Nullable(Float64)", "Nullable(Float64)", "String",
		},
		Query: func() string {
			return strings.NewReplacer(
				"QUERIES", strings.Join(headlineQueries(), "\n        UNION ALL "),
				"COHORTS", namesOf(Cohorts), "CENSUSES", namesOf(Counted),
				"KEPT", "if(max(seconds) = 0, toDateTime64(0, 3, 'UTC'), now64(3, 'UTC') - toIntervalSecond(max(seconds)))",
			).Replace(benchmarkQuery)
		},
	}
}

// namesOf are the names of the metrics of a family, as a list in SQL.
func namesOf(family Family) string {
	var names []string
	for _, m := range Tables() {
		if m.Family == family {
			names = append(names, "'"+m.Name+"'")
		}
	}

	return strings.Join(names, ", ")
}

const benchmarkQuery = `WITH newest AS
(
    SELECT max(window_end) AS at, toDate32(at) AS day FROM v_total WHERE window = '28d'
),
moments AS
(
    SELECT at - toIntervalDay(ago) AS at FROM newest ARRAY JOIN [0, 28] AS ago
),
figures AS
(
    SELECT
        metric, segment, f.1 AS figure,
        anyIf(f.2, whole AND as_of = (SELECT at FROM newest)) AS value, anyIf(f.2, whole AND as_of != (SELECT at FROM newest)) AS before
    FROM
    (
        -- What retention removes goes bit by bit: all that is of before is left out.
        SELECT
            *, multiIf(metric IN (COHORTS), 28, metric IN (CENSUSES), 1, 0) AS days,
            as_of - toIntervalDay(days) >= if(days > 0, (SELECT KEPT FROM valid_retention WHERE window = '24h'), (SELECT KEPT FROM valid_retention WHERE window = '28d')) AS whole
        FROM
        (
            SELECT '' AS metric, '' AS segment, toDateTime64(0, 3, 'UTC') AS as_of, CAST([], 'Array(Tuple(String, Nullable(Float64)))') AS figures
            UNION ALL QUERIES
        )
    )
    ARRAY JOIN figures AS f
    GROUP BY metric, segment, figure
)
SELECT
    assumeNotNull((SELECT at FROM newest)) AS as_of,
    f.metric AS metric,
    f.segment AS segment,
    f.figure AS figure,
    f.value AS value,
    f.before AS before,
    if(before = 0, NULL, value / before) AS against_before,
    t.value AS target,
    if(target IS NULL OR value IS NULL, NULL, toUInt8(if(t.at_most, value <= target, value >= target))) AS met,
    b.value AS industry,
    if(industry = 0, NULL, value / industry) AS against_industry,
    b.source AS source
FROM figures AS f
LEFT JOIN (SELECT metric, segment, figure, toNullable(value) AS value, at_most FROM valid_benchmarks WHERE kind = 'target') AS t
    ON f.metric = t.metric AND f.segment = t.segment AND f.figure = t.figure
LEFT JOIN (SELECT metric, segment, figure, toNullable(value) AS value, source FROM valid_benchmarks WHERE kind = 'industry') AS b
    ON f.metric = b.metric AND f.segment = b.segment AND f.figure = b.figure
`
