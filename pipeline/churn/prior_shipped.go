package churn

// The shipped prior; see Prior for the columns. It is fitted to logs of several
// businesses with make prior. What too few of them tell of is a guess: one
// negative event raises the odds by half.
// The last row is the intercept.
var shippedTerms = [terms]PriorTerm{
	{"slots", 1.190, 1.195, -0.332, 0.522},
	{"tenure", -0.527, 2.017, 0.180, 0.244},
	{"lately", 0.261, 0.396, -0.063, 0.110},
	{"recent", 0.640, 0.685, -0.304, 0.349},
	{"overall", 1.051, 1.029, -0.203, 0.310},
	{"negatives", 0.000, 0.500, 0.300, 0.300},
	{"experience", 0.000, 0.500, 0.250, 0.250},
	{"pressure", 0.000, 0.500, 0.000, 0.200},
	{"recency", -0.700, 1.570, 0.009, 0.251},
	{"silence", 1.082, 1.326, 0.100, 0.283},
	{"lapsed", 0.333, 0.666, 0.126, 0.277},
	{"rhythm", -1.807, 4.588, 0.236, 0.308},
	{"habit", 0.344, 2.687, 0.549, 0.384},
	{"life", 0.285, 2.283, 0.377, 0.354},
	{"contact", -0.772, 1.581, 0.301, 0.359},
	{"week", -0.182, 0.172, 0.000, 0.718},
	{"bias", 0, 1, 0.124, 0.981},
}
