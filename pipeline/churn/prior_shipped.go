package churn

// The shipped prior; see Prior for the columns. It is fitted to logs of several
// businesses with make prior. What too few of them tell of is a guess: one
// negative event raises the odds by half.
// The last row is the intercept.
var shippedTerms = [terms]PriorTerm{
	{"slots", 1.222, 1.172, -0.339, 0.556},
	{"tenure", -0.525, 2.015, 0.200, 0.249},
	{"lately", 0.267, 0.391, -0.063, 0.104},
	{"recent", 0.642, 0.683, -0.272, 0.324},
	{"overall", 1.050, 1.030, -0.240, 0.293},
	{"negatives", 0.000, 0.500, 0.300, 0.300},
	{"experience", 0.000, 0.500, 0.250, 0.250},
	{"pressure", 0.000, 0.500, 0.000, 0.200},
	{"recency", -0.700, 1.570, 0.010, 0.251},
	{"silence", 1.076, 1.313, 0.097, 0.279},
	{"lapsed", 0.330, 0.667, 0.131, 0.280},
	{"rhythm", -1.715, 4.696, 0.271, 0.303},
	{"habit", 0.344, 2.687, 0.543, 0.384},
	{"life", 0.284, 2.283, 0.386, 0.363},
	{"contact", -0.772, 1.581, 0.294, 0.359},
	{"week", -0.182, 0.172, 0.000, 0.718},
	{"bias", 0, 1, 0.111, 0.982},
}
