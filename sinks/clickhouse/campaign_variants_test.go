package clickhouse_test

import (
	"testing"
)

// The intervals are those of Newcombe's table II, examples a and d (the other way
// round), rounded to 4 digits; arms of less than 50 messages say nothing, and neither do
// arms of different campaigns, or without a name.
func TestCampaignVariants(t *testing.T) {
	conn := migrated(t)
	execAll(t, conn,
		`INSERT INTO cohorts_campaigns (day, partition, campaign, channel, variant, messages, delivered, opened, clicked, version) VALUES
			('2026-05-04', 0, 'spring', 'email', 'A', 50, 50, 40, 0, 1), ('2026-05-05', 1, 'spring', 'email', 'A', 30, 30, 8, 0, 1),
			('2026-05-04', 0, 'spring', 'email', 'B', 71, 70, 56, 5, 1),
			('2026-05-04', 0, 'spring', 'email', '', 900, 900, 1, 0, 1), ('2026-05-04', 0, 'spring', 'email', 'other', 900, 900, 1, 0, 1),
			('2026-05-04', 0, 'spring', 'push', 'A', 900, 900, 1, 0, 1),
			('2026-05-04', 0, 'autumn', 'email', 'x', 56, 56, 5, 0, 1), ('2026-05-04', 0, 'autumn', 'email', 'y', 29, 29, 0, 0, 1),
			('2026-05-04', 0, 'winter', 'email', 'x', 50, 50, 0, 0, 1), ('2026-05-04', 0, 'winter', 'email', 'y', 56, 56, 5, 0, 1),
			('2026-05-04', 0, 'broken', 'email', 'x', 50, 50, 60, 0, 1), ('2026-05-04', 0, 'broken', 'email', 'y', 50, 50, 0, 0, 1)`,
	)
	wants(t, conn, map[string]string{
		`SELECT toString(day), campaign, channel, baseline, variant, baseline_cases, baseline_hits, cases, hits,
		 round(difference, 4), round(difference_low, 4), round(difference_high, 4)
		 FROM v_campaign_variants WHERE rate = 'open_rate' ORDER BY campaign`: "[('2026-05-04','autumn','email','x','y',56,5,29,0,NULL,NULL,NULL)," +
			"('2026-05-04','broken','email','x','y',50,50,50,0,-1,-1,-0.8991)," +
			"('2026-05-05','spring','email','A','B',80,48,70,56,0.2,0.0524,0.3339)," +
			"('2026-05-04','winter','email','x','y',50,0,56,5,0.0893,0.0018,0.1926)]",
		`SELECT hits, cases, baseline_hits, baseline_cases, round(difference, 4) FROM v_campaign_variants
		 WHERE rate = 'click_to_open' AND campaign = 'spring'`: "[(5,56,0,48,NULL)]",
	})
}
