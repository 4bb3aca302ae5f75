// Package section is the container of snapshots: sections, each with a name, a
// version, a length and a checksum, so that state lives through the versions of
// the program that keeps it.
//
// It promises that what was appended is what Parse gives back, in the same order;
// that bytes which were cut or changed anywhere give an error that names the
// section, never a panic, and no more memory than a list; and that bytes of a newer
// program are told from damaged ones, so that nobody throws them away.
//
// It does not know what stands in a section: that, and how to add to it, is
// pipeline/shard/snapshot_parts.go.
//
// A snapshot is the magic, the format and a checksum of both; then the sections;
// then one called end that says how many there are. A section is its name, the
// version of its layout, from when on and up to which record it tells of the
// input, the length of its body and the XXH3 checksum of all this with the body;
// then the body. See windows/codec for how numbers and texts look.
//
// Read section.go, then parse.go.
package section
