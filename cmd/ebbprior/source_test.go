package main

import (
	"bytes"
	"go/format"
	"os"
	"testing"

	"ebb/pipeline/churn"
)

// What is written for the shipped prior is the file that ships it.
func TestSourceOfTheShippedPrior(t *testing.T) {
	want, err := os.ReadFile("../../pipeline/churn/prior_shipped.go")
	if err != nil {
		t.Fatal(err)
	}
	got := source(churn.ShippedPrior())
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if formatted, err := format.Source(got); err != nil || !bytes.Equal(formatted, got) {
		t.Errorf("not formatted, error %v:\n%s", err, formatted)
	}
}
