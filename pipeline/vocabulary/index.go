package vocabulary

// nameIndex finds most names by their length and four of their bytes, without
// hashing them whole: looking a type up was a twentieth of a shard's time. A
// name whose place is taken is found in the map alone.
type nameIndex [indexSize]struct {
	name  string
	class classification
}

const (
	indexBits = 9
	indexSize = 1 << indexBits
)

// place is where a name stands, if anywhere. Names of types differ most in
// their middle, where the object ends and the verb begins, and at their ends.
func place[T string | []byte](name T) uint32 {
	n := len(name)
	if n == 0 {
		return 0
	}
	key := uint32(name[0]) | uint32(name[n/3])<<8 | uint32(name[n/2])<<16 | uint32(name[n-1])<<24

	return (key ^ uint32(n)<<13) * 0x9e3779b1 >> (32 - indexBits)
}

// add gives the name its place if that is free.
func (x *nameIndex) add(name string, class classification) {
	if at := &x[place(name)]; at.name == "" {
		at.name, at.class = name, class
	}
}

// find is the class of the name, if it has its place.
func (x *nameIndex) find(name []byte) (*classification, bool) {
	at := &x[place(name)]

	return &at.class, len(name) > 0 && at.name == string(name)
}
