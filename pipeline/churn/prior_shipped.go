package churn

// The shipped prior; see Prior for the columns. It is fitted to logs of several
// businesses with make prior. What too few of them tell of is a guess: one
// negative event raises the odds by half.
// The last row is the intercept.
var shippedTerms = [terms]PriorTerm{
	{"slots", 1.205, 1.181, -0.201, 0.532},
	{"tenure", -0.523, 2.011, 0.430, 0.234},
	{"lately", 0.261, 0.396, -0.169, 0.109},
	{"recent", 0.630, 0.694, -0.172, 0.320},
	{"overall", 1.050, 1.030, -0.786, 0.426},
	{"negatives", 0.000, 0.500, 0.300, 0.300},
	{"experience", 0.000, 0.500, 0.250, 0.250},
	{"pressure", 0.000, 0.500, 0.000, 0.200},
	{"pause", -1.654, 0.561, -0.263, 0.188},
	{"spread", 0.079, 0.189, 0.057, 0.076},
	{"recency", -0.700, 1.569, 0.000, 0.251},
	{"silence", 1.082, 1.326, 0.107, 0.292},
	{"lapsed", 0.328, 0.669, 0.189, 0.283},
	{"rhythm", -1.698, 4.672, 0.364, 0.364},
	{"habit", 0.344, 2.686, 0.555, 0.401},
	{"life", 0.285, 2.286, 0.292, 0.344},
	{"contact", -0.772, 1.581, 0.235, 0.352},
	{"week", -0.182, 0.172, 0.000, 0.718},
	{"bias", 0, 1, 0.097, 0.968},
}
