package forget

import (
	"encoding/json"
	"errors"
)

// This file reads JSON as it stands: with all values of a name that comes twice, and, of
// what is cut off, what came before the cut.

// object is one of JSON, in which a name may come twice, as it may not in an event.
type object []member

type member struct {
	name  string
	value any // string, json.Number, bool, nil, []any or object
}

// maxDepth bounds how deep values are nested.
const maxDepth = 1000

var errDepth = errors.New("nested too deep")

// parse reads a value. With an error it returns what came before it.
func parse(d *json.Decoder, depth int) (any, error) {
	if depth == 0 {
		return nil, errDepth
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return parseObject(d, depth)
	case json.Delim('['):
		values := []any{}
		for d.More() {
			value, err := parse(d, depth-1)
			if values = append(values, value); err != nil {
				return values, err
			}
		}
		_, err := d.Token()

		return values, err
	}

	return token, nil
}

// parseObject reads what follows the brace.
func parseObject(d *json.Decoder, depth int) (any, error) {
	o := object{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return o, err
		}
		text, _ := name.(string)
		value, err := parse(d, depth-1)
		if o = append(o, member{text, value}); err != nil {
			return o, err
		}
	}
	_, err := d.Token()

	return o, err
}
