package churn

// quantities are the numbers that reasons come with, by name. Those whose names
// end in _ms are lengths of time, those in _at are times in Unix ms, rating is
// from -100 to 100, and the others are counts.
var quantities = map[string]func(*Facts) int64{
	"silent_ms":     func(f *Facts) int64 { return f.Silent },
	"contact_ms":    func(f *Facts) int64 { return f.Contact },
	"every_ms":      func(f *Facts) int64 { return f.Every },
	"known_ms":      func(f *Facts) int64 { return f.Known },
	"slot_ms":       func(f *Facts) int64 { return f.Slot },
	"visits":        func(f *Facts) int64 { return int64(f.Visits) },
	"recent":        func(f *Facts) int64 { return int64(f.Recent) },
	"before":        func(f *Facts) int64 { return int64(f.Before) },
	"visits_recent": func(f *Facts) int64 { return int64(f.VisitsRecent) },
	"visits_before": func(f *Facts) int64 { return int64(f.VisitsBefore) },
	"negatives":     func(f *Facts) int64 { return int64(f.Negatives) },
	"rating":        func(f *Facts) int64 { return int64(f.Rating) },
	"messages":      func(f *Facts) int64 { return int64(f.Messages) },
	"trouble_at":    func(f *Facts) int64 { return f.TroubleAt },
	"left_at":       func(f *Facts) int64 { return f.LeftAt },
}

// numbersOf are the names of the numbers that a reason's text states or rests on.
func numbersOf(code string) []string {
	switch code {
	case CodeRhythm, CodeRecency:
		return []string{"every_ms", "silent_ms"}
	case CodeHistory:
		return []string{"known_ms", "silent_ms", "visits"}
	case CodeContact:
		return []string{"contact_ms", "every_ms", "silent_ms"}
	case CodeTrend:
		return []string{"before", "recent", "slot_ms", "visits_before", "visits_recent"}
	case CodeNegatives:
		return []string{"negatives", "trouble_at"}
	case CodeExperience:
		return []string{"rating"}
	case CodePressure:
		return []string{"messages"}
	case CodeLeft:
		return []string{"left_at"}
	}

	return nil
}

// numbers are those of a reason.
func (f *Facts) numbers(code string) map[string]int64 {
	names := numbersOf(code)
	numbers := make(map[string]int64, len(names))
	for _, name := range names {
		numbers[name] = quantities[name](f)
	}

	return numbers
}
