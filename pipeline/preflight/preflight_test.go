package preflight

import "testing"

func TestWorst(t *testing.T) {
	ok, warning, failed := Found("a", "is so"), Warn("b", "is odd", "look"), Fail("c", "is wrong", "mend")
	for _, test := range []struct {
		findings []Finding
		want     Status
	}{
		{nil, OK},
		{[]Finding{ok, ok}, OK},
		{[]Finding{ok, warning, ok}, Warning},
		{[]Finding{failed, warning, ok}, Failed},
		{[]Finding{ok, warning, failed}, Failed},
	} {
		if got := Worst(test.findings); got != test.want {
			t.Errorf("the worst of %v is %s, want %s", test.findings, got, test.want)
		}
	}
	if ok.Remedy != "" || warning.Remedy != "look" || failed.Remedy != "mend" || failed.Check != "c" || failed.Text != "is wrong" {
		t.Errorf("the findings are %+v, %+v and %+v", ok, warning, failed)
	}
}
