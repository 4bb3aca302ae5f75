package main

import (
	"bytes"
	"fmt"

	"ebb/pipeline/churn"
)

// source is the prior as the Go file that the package ships.
func source(p *churn.Prior) []byte {
	var b bytes.Buffer
	b.WriteString("package churn\n\n// The shipped prior; see Prior for the columns. It is fitted to logs of several\n" +
		"// businesses with make prior. What too few of them tell of is a guess: one\n// negative event raises the odds by half.\n// The last row is the intercept.\nvar shippedTerms = [terms]PriorTerm{\n")
	for i := range p.Terms {
		t := &p.Terms[i]
		fmt.Fprintf(&b, "\t{%q, %.3f, %.3f, %.3f, %.3f},\n", t.Name, t.Mean, t.Deviation, t.Weight, t.Spread)
	}
	fmt.Fprintf(&b, "\t{%q, 0, 1, %.3f, %.3f},\n}\n", p.Bias.Name, p.Bias.Weight, p.Bias.Spread)

	return b.Bytes()
}
