package churn

// The shipped prior; see Prior for the columns. It is fitted to logs of several
// businesses with make prior.
// The last row is the intercept.
var shippedTerms = [terms]PriorTerm{
	{"slots", 1.218, 1.175, -0.437, 0.486},
	{"tenure", -0.533, 2.024, 0.253, 0.225},
	{"lately", 0.261, 0.395, -0.047, 0.127},
	{"recent", 0.629, 0.695, -0.278, 0.326},
	{"overall", 1.056, 1.024, -0.301, 0.317},
	{"recency", -0.700, 1.570, 0.012, 0.272},
	{"silence", 1.082, 1.326, 0.100, 0.313},
	{"lapsed", 0.339, 0.663, 0.161, 0.303},
	{"rhythm", -1.821, 4.623, 0.237, 0.326},
	{"habit", 0.343, 2.682, 0.807, 0.469},
	{"contact", -0.772, 1.581, 0.306, 0.372},
	{"week", -0.172, 0.180, 0.011, 0.718},
	{"bias", 0, 1, 0.104, 1.015},
}
