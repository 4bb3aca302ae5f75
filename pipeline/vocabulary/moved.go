package vocabulary

// Moved are the parts of the feed of which fewer events are counted under another
// vocabulary.
type Moved struct {
	Whole    bool
	Channels []bool
}

// Moved compares with another vocabulary.
func (v *Vocabulary) Moved(to *Vocabulary) Moved {
	m := Moved{Channels: make([]bool, len(to.ChannelNames))}
	for i, name := range v.ChannelNames {
		_, was := v.channelIndex[name]
		_, is := to.channelIndex[name]
		m.Channels[i] = was && !is
	}
	if to.rejectUnknown && !v.rejectUnknown {
		m.Whole = true
		for i := range m.Channels {
			m.Channels[i] = true
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
			m.Channels[before.class.Channel] = true
			m.Whole = m.Whole || gone
		}
	}

	return m
}
