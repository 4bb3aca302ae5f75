package replay

// guessedFormats are the formats of times that are tried, the likeliest first.
func guessedFormats() []string {
	formats := []string{"rfc3339", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd"}
	for _, day := range []string{"dd/MM/yyyy", "MM/dd/yyyy", "dd.MM.yyyy", "dd-MM-yyyy", "yyyy/MM/dd", "d/M/yyyy", "M/d/yyyy", "d.M.yyyy", "M/d/yy", "d/M/yy", "yyyyMMdd", "d MMM yyyy"} {
		formats = append(formats, day+" HH:mm:ss", day+" HH:mm", day+" hh:mm:ss a", day+" h:mm a", day)
	}

	return append(formats, "unix_ms", "unix", "unix_us", "unix_ns")
}

// bestTime is the format that reads most of the texts, and their share.
func bestTime(texts []string) (format string, share float64) {
	texts = texts[:min(len(texts), 200)]
	for _, name := range guessedFormats() {
		if of := readShare(name, texts); of > share {
			format, share = name, of
		}
	}

	return format, share
}

// readShare is the share of texts that a format reads as a time after 1970.
func readShare(format string, texts []string) float64 {
	parser, err := Times{Formats: []string{format}, Zone: "UTC"}.parser()
	if err != nil || len(texts) == 0 {
		return 0
	}
	texts = texts[:min(len(texts), 200)]
	read := 0
	for _, text := range texts {
		if ms, ok := parser.parse([]byte(text)); ok && ms >= settled {
			read++
		}
	}

	return float64(read) / float64(len(texts))
}

// bestNumbers is the form that reads most of the texts as numbers, and their share.
func bestNumbers(texts []string) (best Numbers, share float64) {
	for _, form := range []Numbers{{}, {",", "."}, {".", ","}, {",", " "}, {".", "'"}} {
		read := 0
		for _, text := range texts {
			plain, ok := form.plain(nil, []byte(text))
			if ok {
				_, ok = appendNumber(nil, plain)
			}
			if ok {
				read++
			}
		}
		if of := float64(read) / float64(max(len(texts), 1)); of > share {
			best, share = form, of
		}
	}

	return best, share
}
