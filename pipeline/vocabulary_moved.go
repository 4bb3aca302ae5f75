package pipeline

// moved are the parts of the feed of which fewer events are counted under another
// vocabulary.
type moved struct {
	whole    bool
	channels []bool
}

func (v *Vocabulary) moved(to *Vocabulary) moved {
	m := moved{channels: make([]bool, len(to.channels))}
	for i, name := range v.channels {
		_, was := v.channelIndex[name]
		_, is := to.channelIndex[name]
		m.channels[i] = was && !is
	}
	if to.rejectUnknown && !v.rejectUnknown {
		m.whole = true
		for i := range m.channels {
			m.channels[i] = true
		}
	}
	names := make([]string, 0, len(v.byName)+len(to.byName))
	for name := range v.byName {
		names = append(names, name)
	}
	for name := range to.byName {
		names = append(names, name)
	}
	for _, name := range names { // in any order: what is set is the same
		before, errBefore := v.lookUp([]byte(name))
		after, errAfter := to.lookUp([]byte(name))
		if errBefore != nil || before.class.Kind == Exposure {
			continue
		}
		if gone := errAfter != nil || after.class.Kind == Exposure; gone || after.class.Channel != before.class.Channel {
			m.channels[before.class.Channel] = true
			m.whole = m.whole || gone
		}
	}

	return m
}
