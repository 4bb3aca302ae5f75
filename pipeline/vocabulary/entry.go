package vocabulary

import (
	"fmt"
	"slices"
	"strconv"
)

// ChannelNames are the configured channels that are none of the default ones,
// each once.
func (c *Config) ChannelNames() []string {
	names := slices.DeleteFunc(slices.Clone(c.Channels), func(name string) bool {
		return name == ChannelOther || name == ChannelNone || slices.Contains(defaultChannels[:], name)
	})
	slices.Sort(names)

	return slices.Compact(names)
}

// Entry is the type as the setting vocabulary takes it.
func (t *TypeConfig) Entry() string {
	kind := t.Kind
	if t.AliasOf != "" {
		kind = "alias:" + t.AliasOf
	}
	entry := t.Type + "=" + kind
	if t.Channel != "" {
		entry += "/" + t.Channel
	}
	if t.Stage != "" {
		entry += ";stage=" + t.Stage
	}
	if t.Weight != nil {
		entry += ";weight=" + Number(*t.Weight)
	}
	if t.Scale != nil {
		entry += fmt.Sprintf(";scale=%v..%v", t.Scale.Worst, t.Scale.Best)
	}
	if t.Money != "" {
		entry += ";money=" + t.Money
	}
	for _, detail := range []struct {
		name  string
		value *bool
	}{{"negative", t.Negative}, {"qualifying", t.Qualifying}, {"ends", t.Ends}, {"contacts", t.Contacts}} {
		if detail.value != nil {
			entry += fmt.Sprintf(";%s=%v", detail.name, *detail.value)
		}
	}

	return entry
}

// Number writes a number as settings take it.
func Number(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }
