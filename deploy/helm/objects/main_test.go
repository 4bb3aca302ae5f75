package main

import (
	"io"
	"strings"
	"testing"
)

func TestObjectsAreHeldAgainstTheirTypes(t *testing.T) {
	const budget = `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: ebb}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: ebb}}}
`
	for name, test := range map[string]struct{ rendered, wrong string }{
		"as it should be":    {"---\n# Source: ebb\n---\n" + budget, ""},
		"an unknown field":   {strings.Replace(budget, "maxUnavailable", "maxUnavailble", 1), `unknown field "spec.maxUnavailble"`},
		"another type":       {strings.Replace(budget, "{app: ebb}", "[app]", 1), "cannot unmarshal array"},
		"an unknown kind":    {strings.Replace(budget, "PodDisruptionBudget", "Budget", 1), "no kind"},
		"a field twice":      {budget + "spec: {}\n", "already set"},
		"two of one name":    {budget + "---\n" + budget, "a second one"},
		"without a name":     {strings.Replace(budget, "name: ebb", "labels: {a: b}", 1), "without a name"},
		"a rule without one": {"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: ebb}\nspec: {groups: [{name: a, rule: []}]}\n", `unknown field "spec.groups[0].rule"`},
		"nothing":            {"---\n# nothing\n", "no objects"},
	} {
		err := check(strings.NewReader(test.rendered), io.Discard)
		if test.wrong == "" && err != nil || test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)) {
			t.Errorf("%s: %v, want %q", name, err, test.wrong)
		}
	}
}
