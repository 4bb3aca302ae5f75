package main

import (
	"strings"

	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
)

// counted says which metrics are on in what is measured.
type counted struct {
	Metrics []string `help:"Metrics that are counted, as the setting metrics names them: all, base, none, names." default:"all"`
}

// config is that of an installation which counts them. A name that there is none
// of was refused before.
func (c counted) config() meaning.Config {
	config := meaning.DefaultConfig()
	config.Metrics, _ = metric.Switched(c.Metrics)

	return config
}

// argument hands them to a child.
func (c counted) argument() string { return "--metrics=" + strings.Join(c.Metrics, ",") }
