package verify_test

import (
	"fmt"
	"testing"

	"ebb/pipeline/meaning"
)

// Who is told of by a rule of their own, is so rightly, and the first sentence
// says it.
func TestRulesAreProved(t *testing.T) {
	for rule, set := range map[string]func(*meaning.Config){
		"unusual": func(c *meaning.Config) { c.Churn.Unusual = 2 },
		"worth":   func(c *meaning.Config) { c.Churn.ContactCost, c.Churn.Uplift = 1, 0.1 },
	} {
		t.Run(rule, func(t *testing.T) {
			c := engaged()
			c.Churn = c.Churn.Fixed(0.8, 0.93)
			c.Churn.LeastRisk = 0.1
			set(&c)
			s := newStream(31, c)
			s.live(4_000)
			p := prove(t, c, s.records)
			p.expectOK(t, p.only(t, ofSignals()...))
			var told uint64
			if err := p.conn.QueryRow(t.Context(), "SELECT count() FROM signals FINAL WHERE rule = '"+rule+"' AND level = 'at_risk'").Scan(&told); err != nil {
				t.Fatal(err)
			}
			if told < 10 {
				t.Fatalf("%d signals by the rule; the test needs more", told)
			}
			t.Log(told, "signals")

			other := map[string]string{"unusual": "worth", "worth": "unusual"}[rule]
			for place, change := range []string{
				fmt.Sprintf("'%s' AS rule", other), "'' AS rule, 0.5 AS risk_usual", "headline || '.' AS headline", "usual_ms + 1 AS usual_ms", "0.0001 + 0.9998 * risk AS risk_usual",
			} {
				statement := fmt.Sprintf(`INSERT INTO signals SELECT * REPLACE (version + 1 AS version, %s) FROM
					(SELECT * FROM signals FINAL WHERE rule = '%s' ORDER BY customer, episode LIMIT 1 OFFSET %d)`, change, rule, place)
				if err := p.conn.Exec(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			if found := find(t, p.only(t, "reasons"), "reasons", ""); found.Different != 5 {
				t.Errorf("%d are different of 5 that were tampered with: %q", found.Different, found.Examples)
			}
		})
	}
}
