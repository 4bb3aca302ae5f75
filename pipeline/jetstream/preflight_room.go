package jetstream

import (
	"fmt"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/preflight"
)

// Of the storage that an account may use.
const (
	roomWarn = 0.80
	roomFail = 0.98
)

// checkAccount compares the limits of the account with what ebb needs.
func checkAccount(account *natsjs.AccountInfo, layout Layout, have int) preflight.Finding {
	const name = "jetstream limits"
	tier := account.Tier
	if len(account.Tiers) > 0 {
		wanted := fmt.Sprintf("R%d", orDefault(layout.Replicas, 1))
		var ok bool
		if tier, ok = account.Tiers[wanted]; !ok {
			return preflight.Fail(name, fmt.Sprintf("the account has no limits for streams of %d copies (tier %s)", orDefault(layout.Replicas, 1), wanted),
				"give the account such a tier, or set stream.replicas to one that it has")
		}
	}
	limits := tier.Limits
	streams, buckets, _ := layout.names()
	needed := len(streams) + len(buckets) + 1 - have
	switch {
	case limits.MaxStreams > 0 && tier.Streams+needed > limits.MaxStreams:
		return preflight.Fail(name, fmt.Sprintf("the account may have %d streams and has %d, and ebb makes %d more", limits.MaxStreams, tier.Streams, needed),
			fmt.Sprintf("raise the account's limit to %d streams", tier.Streams+needed))
	case limits.MaxBytesRequired:
		return preflight.Fail(name, "the account demands a limit of bytes for every stream (max_bytes_required), and ebb's keep what is younger than stream.max_age",
			"take max_bytes_required from the account")
	case limits.MaxStore == 0:
		return preflight.Fail(name, "the account may store nothing on disk", "give it storage: max_file in the account's jetstream limits")
	case limits.MaxStore < 0:
		return preflight.Found(name, fmt.Sprintf("%s stored; the account has no limit but the server's disk", bytesText(tier.Store)))
	}
	share := float64(tier.Store) / float64(limits.MaxStore)
	text := fmt.Sprintf("%s of the account's %s are used", bytesText(tier.Store), bytesText(uint64(limits.MaxStore)))
	switch {
	case share >= roomFail:
		return preflight.Fail(name, text+", so NATS stores nothing more", "give the account more storage, or lower stream.max_age")
	case share >= roomWarn:
		return preflight.Warn(name, text, "give the account more storage, or lower stream.max_age, before NATS stores nothing more")
	}

	return preflight.Found(name, text)
}

// checkRoom finds streams whose limit of bytes removes messages before their age
// does.
func checkRoom(have []*natsjs.StreamInfo) preflight.Finding {
	const name = "retention"
	for _, info := range have {
		limit, age := info.Config.MaxBytes, info.Config.MaxAge
		if limit <= 0 || age <= 0 || info.State.Msgs == 0 || float64(info.State.Bytes) < roomWarn*float64(limit) {
			continue
		}
		held := time.Since(info.State.FirstTime)
		if held < age {
			return preflight.Warn(name, fmt.Sprintf("stream %s has %s of its %s and so holds only what came since %s, less than its max_age of %s",
				info.Config.Name, bytesText(info.State.Bytes), bytesText(uint64(limit)), rfc3339(info.State.FirstTime), age),
				"raise the stream's max_bytes: a partition whose snapshot is older than the stream's first message can't be recovered, and what ClickHouse has not got is lost")
		}
	}

	return preflight.Found(name, "no stream is at its limit of bytes")
}

// bytesText is a size for people.
func bytesText(bytes uint64) string {
	const step = 1024
	size, unit := float64(bytes), 0
	for size >= step && unit < 4 {
		size, unit = size/step, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", bytes)
	}

	return fmt.Sprintf("%.1f %ciB", size, "KMGT"[unit-1])
}
