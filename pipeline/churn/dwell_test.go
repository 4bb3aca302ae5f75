package churn

import "testing"

// A horizon alone is a configuration that works.
func TestTheDwellFollowsTheHorizon(t *testing.T) {
	for _, test := range []struct{ horizon, dwell int64 }{
		{MinHorizon, 500}, {2 * minute, 1000}, {day, 12 * minute}, {30 * day, 6 * hour}, {MaxHorizon, 6 * hour},
	} {
		if got := DwellOf(test.horizon); got != test.dwell {
			t.Errorf("of %d ms: %d ms, want %d", test.horizon, got, test.dwell)
		}
		config := Defaults()
		config.Horizon, config.Dwell = test.horizon, DwellOf(test.horizon)
		if err := config.Validate(); err != nil {
			t.Errorf("of %d ms: %v", test.horizon, err)
		}
	}
	if got := Defaults(); got.Dwell != DwellOf(got.Horizon) {
		t.Errorf("the default is %d, and %d suits its horizon", got.Dwell, DwellOf(got.Horizon))
	}
}
