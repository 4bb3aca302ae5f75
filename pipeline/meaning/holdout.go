package meaning

import "github.com/zeebo/xxh3"

// MaxHoldout is the greatest share of customers that can be held out.
const MaxHoldout = 0.5

// holdoutSeed is fixed for ever: another one would draw another hold-out.
const holdoutSeed = 0x6562_6220_686f_6c64 // "ebb hold"

// InHoldout reports whether a customer belongs to the hold-out: the customers
// that nobody acts on, so that what became of them can be compared with the
// others. share is that of all customers, 0 (none) to MaxHoldout.
//
// It depends on nothing but the id and the share, so it is the same in every
// stream, at every number of partitions and in any program: the upper 53 bits
// of the id's XXH3 hash of 64 bits with the seed 0x65626220686f6c64, as a
// fraction of 2^53, are below share. A greater share keeps those of a smaller.
func InHoldout(customer string, share float64) bool {
	const bits = 53 // that a float64 holds exactly

	return float64(xxh3.HashStringSeed(customer, holdoutSeed)>>(64-bits))/(1<<bits) < share
}
