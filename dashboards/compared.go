package dashboards

import (
	"fmt"
	"strings"
	"text/template"
)

// Compared is the column in which a query says how the newest figure compares with the one
// at the beginning of the range. Grafana's own change takes the first figure for that one,
// which in a range that begins before the data is of the first hour that ever was.
const Compared = "compared"

// beginning is what is compared with that of the range: a column, apart by another one, if
// any.
type beginning struct {
	column, by string
	// change is the difference in SQL, over newest and former, and only where it makes sense.
	change, sense string
	unit          string
}

// relative compares amounts and counts.
func relative(column string) beginning {
	return beginning{column: column, change: "round(100 * (newest - former) / abs(former), 1)", sense: "former != 0", unit: " %"}
}

// points compares figures on a scale, of which a share is none: -40 is not four times -10.
func points(column string, scale, decimals int) beginning {
	return beginning{column: column, change: fmt.Sprintf("round(%d * (newest - former), %d)", scale, decimals), sense: "1", unit: " points"}
}

// apart compares by the names in a column.
func (c beginning) apart(by string) beginning {
	c.by = by

	return c
}

// compared adds the column to a query of a time series. What held before the range stands
// at its beginning: without a figure there, there is nothing to compare with.
//
//nolint:gochecknoglobals // a template that never changes
var compared = template.Must(template.New("").Parse(`SELECT
    time,{{.By}} {{.Value}},
    multiIf(
        isNull(newest), 'too few now',
        isNull(former) OR since > $__fromTime OR NOT ({{.Sense}}), 'nothing before',
        {{.Change}} = 0, 'unchanged',
        concat(if({{.Change}} > 0, '+', ''), toString({{.Change}}), '{{.Unit}}')) AS {{.Compared}}
FROM
(
    SELECT
        time,{{.By}} {{.Value}},
        tupleElement(argMax(tuple(toFloat64({{.Value}})), time) OVER whole, 1) AS newest,
        argMin(toFloat64({{.Value}}), time) OVER whole AS former,
        minIf(time, isNotNull({{.Value}})) OVER whole AS since
    FROM
    (
{{.Query}}
    )
    WINDOW whole AS ({{.Partition}}ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)
ORDER BY time`))

// in is a query with the column.
func (c beginning) in(sql string) (string, error) {
	by, partition := "", ""
	if c.by != "" {
		by, partition = " "+c.by+",", "PARTITION BY "+c.by+" "
	}
	var b strings.Builder
	err := compared.Execute(&b, map[string]string{
		"Query": sql, "Value": c.column, "By": by, "Partition": partition, "Change": c.change, "Sense": c.sense, "Unit": c.unit, "Compared": Compared,
	})

	return b.String(), err
}
