package memory

import "ebb/sinks"

// beginnings are the least window ends, by era and length.
type beginnings map[int64]map[string]int64

func (b beginnings) add(found []sinks.Beginning) {
	for _, f := range found {
		if b[f.Era] == nil {
			b[f.Era] = map[string]int64{}
		}
		if since, known := b[f.Era][f.Window]; !known || f.Since < since {
			b[f.Era][f.Window] = f.Since
		}
	}
}

// validWindow says whether no newer era covers the window.
func (b beginnings) validWindow(era int64, window string, end int64) bool {
	for newer, windows := range b {
		if since, known := windows[window]; newer > era && known && since <= end {
			return false
		}
	}

	return true
}

// valid says the same of what is no window.
func (b beginnings) valid(era, at int64) bool {
	for newer, windows := range b {
		for _, since := range windows {
			if newer > era && since <= at {
				return false
			}
		}
	}

	return true
}
