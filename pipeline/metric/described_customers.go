package metric

// describedCustomers are the tables of customers: their levels, signals, and how good
// those are.
func describedCustomers() []Description {
	return []Description{describedLevels(), describedSignals(), describedQuality()}
}

func describedLevels() Description {
	d := Description{
		Name: "levels", Title: "Customers by risk level", FedBy: "customers who engage",
		Definition: "How many customers are healthy, cooling, at risk and lapsed, over time. A partition has a row for minutes in which something changed.",
		Table:      "levels", View: "v_levels", Time: "time", Stored: stored(written()),
	}
	d.add(
		Column{Name: "time", Role: InTime, Definition: "end of the minute"},
		measure("healthy", "customers", "customers in none of the levels below"),
		measure("cooling", "customers", "customers whose risk reached churn.cooling_at"),
		measure("at_risk", "customers", "customers whose risk reached churn.at_risk_at, or whom another rule tells of"),
		measure("lapsed", "customers", "customers who did not come back within a horizon of being at risk, or who ended the relation"),
		measure("left", "customers", "customers who have left so far, in none of the levels any more"),
	)

	return d
}

func describedSignals() Description {
	d := Description{
		Name: "signals", Title: "Changes of risk level", FedBy: "customers who change their level: fall silent, say that they leave, or come back",
		Definition: "Every change of a customer's risk level, with risk, reasons in words, and what is at stake.",
		Source:     "the model's formulas and priors stand in package pipeline/churn",
		Table:      "signals", View: "v_signals", Time: "at",
		Views: []string{"v_level_changes", "v_leaving", "v_at_risk", "v_lapsed", "v_value_at_risk", "v_budget_alerts", "v_reasons", "v_alerts", "v_signal_quality", "v_holdout", "v_unrest"},
	}
	d.add(
		Column{Name: "at", Role: InTime, Definition: "when the level changed"},
		dimension("customer", "whose level changed"),
		dimension("signal", "raised: to a worse level; cleared: to a better one"),
		dimension("level", "cooling, at_risk, lapsed or healthy: the level from then on"),
		dimension("previous", "the level before"),
		dimension("currency", "of value and value_at_risk: ISO 4217, the one of most of the customer's orders; empty where the amounts have none"),
		dimension("holdout", "the customer is in the hold-out: do not act on this one; compare"),
		dimension("returned", "the customer had left before, and nothing is known of that time"),
		dimension("joined", "in a cleared signal of an anonymous customer who has signed in: who they are known to be; empty in others"),
		dimension("rule", "unusual: the risk is far above the customer's own; worth: a contact pays; empty for the threshold of all"),
		measure("risk", "probability", "of no engagement in the next horizon, 0 to 1"),
		measure("value", "currency", "what the customer brings in a horizon if they go on as before"),
		measure("value_at_risk", "currency", "value times risk"),
		measure("risk_if_back", "probability", "risk right after one engagement; 0 in a cleared signal"),
	)
	d.add(derived(
		measure("horizon_days", "days", "the horizon of the risk"),
		measure("silent_days", "days", "since the customer's latest engagement"),
		detail("reasons", "the reasons in words, in one text"),
		detail("id", "of the signal, as subscribers get it"),
	)...)
	d.add(
		detail("last_event", "time of the customer's latest engagement"),
		detail("headline", "the first sentence: what the risk means"),
		detail("if_back", "what one engagement would do, in words; empty in a cleared signal"),
		detail("reason_code", "codes of the reasons, the strongest first"),
		detail("reason_log_odds", "what each reason adds; positive: towards leaving"),
		detail("reason_text", "each reason in words"),
		detail("episode", "counts the level changes of the customer, from 1"),
		detail("partition", "of the customer"),
		detail("sequence", "of the last record in the input stream that the signal knows of"),
		detail("version", "stream sequence of the cut that produced the row; the highest is the truth"),
		detail("era", "when the input stream was made"),
	)
	d.Unit = "signals"
	d.Stored = []Column{
		detail("horizon_ms", "the horizon of the risk, ms"),
		detail("silent_ms", "since the customer's latest engagement, ms"),
		detail("usual_ms", "the customer's usual pause, ms; 0 for none yet"),
		detail("risk_usual", "of rule unusual: the risk right after the latest engagement"),
		detail("reason_numbers", "of each reason, the numbers that its text states"),
		detail("row", "of the record, from 1, where that holds rows of history"),
	}

	return d
}

func describedQuality() Description {
	d := Description{
		Name: "model_quality", Title: "Quality of the risks", FedBy: "outcomes: the first come a horizon after the first risks",
		Definition: "What the risks said against what came of the customers, by segment, over the newest two horizons. A figure of too few cases is NULL.",
		Source: "Brier 1950; Wilson 1927 (intervals); Kish 1965, Survey Sampling (independent cases); " +
			"Hanley and McNeil 1982 (AUC); Naeini and others 2015 (ECE)",
		Table: "model_quality", View: "v_model_quality", Time: "time",
		Views: []string{"v_model_quality_history", "v_reliability", "v_reliability_history"},
	}
	d.add(
		Column{Name: "as_of", Role: InTime, Derived: true, Definition: "end of the two horizons"},
		dimension("segment", "one_time, newcomer, regular, active (the three together), long_silent"),
		measure("rows", "risks", "risks given whose outcome is known"),
		measure("lost", "risks", "of them, of customers who had no engagement in the horizon"),
	)
	d.add(derived(
		measure("cases", "cases", "how many independent rows would tell as much: rows over the design effect"),
		measure("horizon_days", "days", "the horizon of the risks"),
		dimension("too_few", "fewer than 100 cases, or fewer than 10 of either outcome: figures are NULL"),
	)...)
	rate := func(c Column) Column {
		c.Cases, c.Least = "cases", 100

		return c
	}
	for _, c := range []Column{
		figure("observed", "Observed", "share", "share that was lost", "lost / rows"),
		figure("low", "Observed, low", "share", "lower end of its 95 % interval", "Wilson's interval of observed"),
		figure("high", "Observed, high", "share", "upper end of its 95 % interval", "Wilson's interval of observed"),
		figure("mean_risk", "Mean risk", "probability", "what the risks said it would be", "sum of the risks / rows"),
		figure("observed_over_expected", "Observed over expected", "ratio", "1 is right; above, more were lost than the risks said", "lost / sum of the risks"),
		figure("oe_low", "Observed over expected, low", "ratio", "lower end of its 95 % interval", "low * rows / sum of the risks"),
		figure("oe_high", "Observed over expected, high", "ratio", "upper end of its 95 % interval", "high * rows / sum of the risks"),
		figure("brier", "Brier score", "squared error", "mean squared error of the risks, 0 the best", "sum of (risk - outcome)^2 / rows"),
		figure("brier_skill", "Brier skill", "share", "part of the error of saying the observed share to everyone that the risks save", "1 - brier / (observed * (1 - observed))"),
		figure("ece", "Calibration error", "probability", "expected calibration error over ten bins of equal width", "sum over bins of |lost - sum of the risks| / rows"),
		figure("auc", "AUC", "probability", "that a lost customer had the higher risk than one who came back; ties count a half", "pairs in the right order / (lost * (rows - lost))"),
	} {
		d.add(rate(c))
	}
	d.Stored = stored(
		written(),
		Column{Name: "time", Role: InTime, Definition: "when the outcomes were known; a learning step is an eighth of the horizon"},
		detail("horizon_ms", "the risks were given so long before, ms"),
		detail("bin", "of the risk, 0 to 9; 0 holds those below 0.1"),
		detail("risk_sum", "of the risks, in units of 0.0001"),
		detail("brier_sum", "of (risk - outcome)^2, in units of 0.00000001"),
		detail("overlap", "with horizons of earlier rows of the same customers, in eighths of a horizon"),
	)

	return d
}
