package schema

import "github.com/invopop/jsonschema"

// named is a property and its name.
type named struct {
	name     string
	required bool
	schema   *Schema
}

func must(name string, s *Schema) named { return named{name, true, s} }
func may(name string, s *Schema) named  { return named{name, false, s} }

// object is an object of properties, in their order. It may have others.
func object(description string, properties ...named) *Schema {
	s := &Schema{Type: "object", Description: description, Properties: jsonschema.NewProperties()}
	for _, p := range properties {
		s.Properties.Set(p.name, p.schema)
		if p.required {
			s.Required = append(s.Required, p.name)
		}
	}

	return s
}

func text(description string) *Schema { return &Schema{Type: "string", Description: description} }

func whole(description string) *Schema { return &Schema{Type: "integer", Description: description} }

func list(description string, of *Schema) *Schema {
	return &Schema{Type: "array", Description: description, Items: of}
}

// row is an array whose cells are told by their place.
func row(description string, cells ...*Schema) *Schema {
	n := uint64(len(cells))
	return &Schema{Type: "array", Description: description, PrefixItems: cells, MinItems: &n, MaxItems: &n}
}

// decimal is an amount as messages write it.
func decimal(description string) *Schema {
	return &Schema{Type: "string", Pattern: `^-?[0-9]+(\.[0-9]{1,6})?$`, Description: description}
}

// count is a whole number, 0 or more.
func count(description string) *Schema {
	return &Schema{Type: "integer", Minimum: "0", Description: description}
}

// property is a property of an object, which has to have it.
func property(s *Schema, name string) *Schema {
	p, ok := s.Properties.Get(name)
	if !ok {
		panic("schema: no property " + name)
	}

	return p
}

func setConst(s *Schema, name string, value any) { property(s, name).Const = value }
