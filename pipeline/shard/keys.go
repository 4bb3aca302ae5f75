package shard

import (
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
	"ebb/pipeline/wire"
	"ebb/windows"
)

// The window keys that count exact distinct customers come first: the total
// and the three kinds of engagement. Others would cost each customer another
// 48 bytes a key.
const (
	keyTotal windows.Key = iota
	keyPassive
	keyMicro
	keyActive
	keyExposure
	keyUnknown
	keyMachine // whatever scanners and bots do
	keyFree    // the first channel; then all channels; then types, and later channels, as they come

	// allKeys leaves room for every type without a currency, and for every
	// channel, below the limit of the windows. Real businesses have a few hundred
	// keys.
	allKeys = windows.MaxKeys - vocabulary.MaxTypesEver - vocabulary.MaxChannelsEver

	// maxKeys leaves room besides for the rows of what is beyond the bounds of metrics
	// and rollups.
	maxKeys = allKeys - 4096
)

// kindKey is the window key of a kind.
func kindKey(kind vocabulary.Kind) windows.Key {
	switch kind {
	case vocabulary.Passive:
		return keyPassive
	case vocabulary.Micro:
		return keyMicro
	case vocabulary.Active:
		return keyActive
	case vocabulary.Exposure:
		return keyExposure
	default:
		return keyUnknown
	}
}

// keys gives every row key a dense number, and its table and names back.
type keys struct {
	rows     []keyName     // by window key
	plain    []windows.Key // by type: the key without a currency; 0 if there is none yet
	money    map[moneyKey]windows.Key
	types    []vocabulary.EventType
	channels []windows.Key // by channel
	measured []measured    // what can be counted beside; see keys_metric.go
	on       []*measured   // of these, what is counted
	adds     metric.Row    // scratch: what an event adds to a row
	plans    countPlans    // by classification
	custom   *measured     // the rollups of users
	cuts     *measured     // those that are cuts of metrics
	counters []*metric.Counter
	rolled   map[rolledKey]int // rows by rollup, as far as they count towards its bound
	retired  []*measured       // metrics of before that have rows
}

// rolledKey is a rollup of users, by its name and the table that it is in.
type rolledKey struct {
	in   *measured
	name string
}

type keyName struct {
	table    wire.Table
	name     string
	currency string

	// Of a key of a metric.
	measured *measured
	base     windows.Key // of its row; the slots follow each other
	by       []string    // of the base: the dimensions
}

type moneyKey struct {
	eventType uint16
	currency  [3]byte
}

func newKeys(vocab *vocabulary.Vocabulary, rollups []metric.Rollup) *keys {
	k := fixedKeys()
	k.grow(vocab)
	k.measure(metric.All())
	k.rollups(rollups)

	return k
}

// fixedKeys are those that depend on no vocabulary.
func fixedKeys() *keys {
	return &keys{
		money: make(map[moneyKey]windows.Key),
		rows: []keyName{
			keyTotal:    {table: wire.Total},
			keyPassive:  {table: wire.Kind, name: vocabulary.Passive.String()},
			keyMicro:    {table: wire.Kind, name: vocabulary.Micro.String()},
			keyActive:   {table: wire.Kind, name: vocabulary.Active.String()},
			keyExposure: {table: wire.Kind, name: vocabulary.Exposure.String()},
			keyUnknown:  {table: wire.Kind, name: vocabulary.Unknown.String()},
			keyMachine:  {table: wire.Kind, name: wire.KindMachine},
		},
	}
}

// grow makes room for the types and channels of a vocabulary that begins as the
// former one does. Channels that are new get the next keys.
func (k *keys) grow(vocab *vocabulary.Vocabulary) {
	k.plans = countPlans{} // types may count otherwise
	k.types = vocab.Types()
	k.plain = append(k.plain, make([]windows.Key, len(k.types)-len(k.plain))...)
	for _, channel := range vocab.ChannelNames[len(k.channels):] {
		k.channels = append(k.channels, windows.Key(len(k.rows)))
		k.rows = append(k.rows, keyName{table: wire.Channel, name: channel})
	}
}

// ofType is the key of an event type in a currency ("" for none). It is made
// when it first comes: most of types × currencies never do.
func (k *keys) ofType(eventType uint16, currency []byte) windows.Key {
	if len(currency) != 3 {
		if key := k.plain[eventType]; key != 0 {
			return key
		}
		key := k.addType(eventType, "")
		k.plain[eventType] = key

		return key
	}
	if len(k.rows) >= maxKeys {
		return k.ofType(eventType, nil) // the value still counts, beside those without a currency
	}
	pair := moneyKey{eventType, [3]byte(currency)}
	key, ok := k.money[pair]
	if !ok {
		key = k.addType(eventType, string(currency))
		k.money[pair] = key
	}

	return key
}

func (k *keys) addType(eventType uint16, currency string) windows.Key {
	key := windows.Key(len(k.rows))
	k.rows = append(k.rows, keyName{table: wire.Type, name: k.types[eventType].Name, currency: currency})

	return key
}
