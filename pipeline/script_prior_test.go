package pipeline_test

import "ebb/pipeline/churn"

// scriptPrior is the prior of scripts. It stays as it is when the shipped one
// changes, so that a script goes on telling of what it was written for.
func scriptPrior() *churn.Prior {
	prior := churn.ShippedPrior()
	copy(prior.Terms[:], []churn.PriorTerm{
		{Name: "slots", Mean: 1.222, Deviation: 1.172, Weight: -0.339, Spread: 0.556},
		{Name: "tenure", Mean: -0.525, Deviation: 2.015, Weight: 0.200, Spread: 0.249},
		{Name: "lately", Mean: 0.267, Deviation: 0.391, Weight: -0.063, Spread: 0.104},
		{Name: "recent", Mean: 0.642, Deviation: 0.683, Weight: -0.272, Spread: 0.324},
		{Name: "overall", Mean: 1.050, Deviation: 1.030, Weight: -0.240, Spread: 0.293},
		{Name: "negatives", Mean: 0, Deviation: 0.5, Weight: 0.3, Spread: 0.3},
		{Name: "experience", Mean: 0, Deviation: 0.5, Weight: 0.25, Spread: 0.25},
		{Name: "pressure", Mean: 0, Deviation: 0.5, Weight: 0, Spread: 0.2},
		{Name: "pause", Mean: -1.5, Deviation: 0.8, Weight: 0, Spread: 0.3},
		{Name: "spread", Mean: 0, Deviation: 0.3, Weight: 0, Spread: 0.3},
		{Name: "recency", Mean: -0.700, Deviation: 1.570, Weight: 0.010, Spread: 0.251},
		{Name: "silence", Mean: 1.076, Deviation: 1.313, Weight: 0.097, Spread: 0.279},
		{Name: "lapsed", Mean: 0.330, Deviation: 0.667, Weight: 0.131, Spread: 0.280},
		{Name: "rhythm", Mean: -1.715, Deviation: 4.696, Weight: 0.271, Spread: 0.303},
		{Name: "habit", Mean: 0.344, Deviation: 2.687, Weight: 0.543, Spread: 0.384},
		{Name: "life", Mean: 0.284, Deviation: 2.283, Weight: 0.386, Spread: 0.363},
		{Name: "contact", Mean: -0.772, Deviation: 1.581, Weight: 0.294, Spread: 0.359},
		{Name: "week", Mean: -0.182, Deviation: 0.172, Weight: 0, Spread: 0.718},
	})
	prior.Bias = churn.PriorTerm{Name: "bias", Deviation: 1, Weight: 0.111, Spread: 0.982}

	return prior
}
