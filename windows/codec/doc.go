// Package codec writes the state of windows, of the churn model, of the silence
// watch and of shards as bytes, and reads them back without trusting one.
//
// It promises that bytes that were cut or changed give an error and never a
// panic, and that no bytes make a reader ask for more memory than they are long,
// as long as whoever reads many things asks [Reader.Count] how many there are.
// The first error stays; after it everything read is zero, so a reader looks for
// it once, at the end. A number has one form only, so the same state has.
//
// It knows nothing of checksums, versions and names: that is package section of
// the pipeline.
//
// It lies beneath windows because windows imports nothing that lies outside of
// its own folder, and everyone else who keeps state imports windows anyway.
//
// Numbers are varints in their shortest form, signed ones in zigzag, or fixed and
// little endian; texts stand behind their length.
package codec
