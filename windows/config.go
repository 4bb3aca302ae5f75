package windows

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Limits on a [Config] and on the keys given to a [Set].
const (
	// MaxKeys is one more than the largest [Key].
	MaxKeys = 1 << 16
	// MaxTiers is how many different slides the lengths may have.
	MaxTiers = 6
	// MaxDistinctKeys bounds Config.DistinctKeys.
	MaxDistinctKeys = 64

	maxLengths = 32
)

// ErrConfig is wrapped by every error about a [Config].
var ErrConfig = errors.New("windows: invalid configuration")

// Config says which windows a [Set] keeps.
type Config struct {
	// Lengths in the order in which rows are emitted. Lengths with an equal
	// slide share their slices, a tier.
	Lengths []Length
	// Lateness and Skew, in milliseconds, are how far an event's time may lie
	// before and after the caller's clock.
	Lateness, Skew int64
	// DistinctKeys says how many of the lowest keys count distinct customers.
	DistinctKeys int
}

// Validate returns nil or an error that names the field, its value and the
// remedy, and wraps [ErrConfig].
func (c Config) Validate() error {
	if len(c.Lengths) == 0 || len(c.Lengths) > maxLengths {
		return fmt.Errorf("%w: lengths: %d given, give 1 to %d", ErrConfig, len(c.Lengths), maxLengths)
	}

	names := map[string]bool{}
	slides := map[int64]bool{}

	for i, l := range c.Lengths {
		if err := l.validate(); err != nil {
			return fmt.Errorf("%w: lengths[%d]: %w", ErrConfig, i, err)
		}

		if names[l.Name] {
			return fmt.Errorf("%w: lengths[%d]: name %q is taken, give each length its own", ErrConfig, i, l.Name)
		}

		names[l.Name] = true
		slides[l.Slide] = true
	}

	switch {
	case len(slides) > MaxTiers:
		return fmt.Errorf("%w: lengths: %d different slides, use at most %d", ErrConfig, len(slides), MaxTiers)
	case c.Lateness < 0 || c.Lateness > maxDuration:
		return fmt.Errorf("%w: lateness: %d ms, give 0 to %d", ErrConfig, c.Lateness, maxDuration)
	case c.Skew < 0 || c.Skew > maxDuration:
		return fmt.Errorf("%w: skew: %d ms, give 0 to %d", ErrConfig, c.Skew, maxDuration)
	case c.DistinctKeys < 0 || c.DistinctKeys > MaxDistinctKeys:
		return fmt.Errorf("%w: distinct keys: %d, give 0 to %d", ErrConfig, c.DistinctKeys, MaxDistinctKeys)
	}

	return nil
}

func (l Length) validate() error {
	switch {
	case l.Name == "":
		return errors.New("name is empty, give one such as \"1h\"")
	case l.Slide <= 0 || l.Slide > maxDuration:
		return fmt.Errorf("%s: slide %d ms, give 1 to %d", l.Name, l.Slide, maxDuration)
	case l.Size <= 0 || l.Size > maxDuration:
		return fmt.Errorf("%s: size %d ms, give 1 to %d", l.Name, l.Size, maxDuration)
	case l.Size%l.Slide != 0:
		return fmt.Errorf("%s: size %d ms is not a multiple of slide %d ms, choose a slide that divides it",
			l.Name, l.Size, l.Slide)
	}

	return nil
}

// newTiers groups the lengths by slide, finest first.
func newTiers(c Config) []tier {
	bySlide := map[int64]*tier{}

	for i, l := range c.Lengths {
		t := bySlide[l.Slide]
		if t == nil {
			t = &tier{slide: l.Slide, end: noEnd, distinct: c.DistinctKeys}
			bySlide[l.Slide] = t
		}

		span := l.Size / l.Slide
		t.windows = append(t.windows, &window{
			index: i, span: span, ordinal: len(t.windows), totals: make([]total, c.DistinctKeys),
		})
		t.most = max(t.most, span)
	}

	tiers := make([]tier, 0, len(bySlide))
	for _, t := range bySlide {
		tiers = append(tiers, *t)
	}

	slices.SortFunc(tiers, func(a, b tier) int { return cmp.Compare(a.slide, b.slide) })

	return tiers
}

// placeActivity gives tiers their bits of an [Activity], those that need few
// first. A tier that finds no room keeps its customers' slices in the set.
func placeActivity(tiers []tier, disorder int64) {
	order := make([]*tier, len(tiers))
	for i := range tiers {
		tiers[i].place, tiers[i].sparse = place{}, nil
		order[i] = &tiers[i]
	}

	// The newest slice, those that disorder may put before it, and for each of
	// them the slices of its longest window.
	need := func(t *tier) int64 { return 1 + (disorder+t.slide-1)/t.slide + t.most }
	slices.SortStableFunc(order, func(a, b *tier) int { return cmp.Compare(need(a), need(b)) })

	used := 0

	for _, t := range order {
		n := need(t)

		switch {
		case n <= 32 && used < activityHalves:
			t.place = place{half: used}
			used++
		case n <= 64 && used+2 <= activityHalves:
			t.place = place{half: used, wide: true}
			used += 2
		default:
			t.sparse = &activeSets{}
		}
	}
}

// baseSlice is the longest span that no slice boundary of any tier cuts.
func baseSlice(tiers []tier) int64 {
	base := int64(0)
	for i := range tiers {
		base = gcd(base, tiers[i].slide)
	}

	return base
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}

	return a
}
