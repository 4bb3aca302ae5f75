package forget

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"ebb/pipeline/event"
)

// This file tells whose an event is that could not be read for another reason than its
// customer: by the fields in which the forms that ebb reads name them. It tells nothing
// where anything about these is not as it has to be, so that nobody's event is taken for
// another's: where it is cut off or no JSON, has no such field or a value in it that is no
// id, or came by a mapping, whose columns can be anything.

// form is a format of pipeline/format, by its name.
type form string

const (
	formNative      form = "native"
	formSegment     form = "segment"
	formCloudEvents form = "cloudevents"
)

// fields are those that name the customer; none for a form that is not known.
func (f form) fields() []string {
	switch f {
	case formNative, formCloudEvents:
		return []string{"customer", "anonymous_id"}
	case formSegment:
		return []string{"userId", "user_id", "anonymousId", "anonymous_id", "previousId", "previous_id"}
	}

	return nil
}

// whose are the ids of the customer whom an event names; false where it does not tell.
func whose(body []byte, of form) (ids []string, told bool) {
	fields := of.fields()
	if fields == nil {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	value, err := parse(d, maxDepth)
	call, isObject := value.(object)
	if _, more := d.Token(); err != nil || !isObject || !errors.Is(more, io.EOF) {
		return nil, false
	}
	objects := []object{call}
	for _, m := range call {
		switch inner, isObject := m.value.(object); {
		case m.name == "batch" && of == formSegment: // of several customers
			return nil, false
		case m.name == "data" && of == formCloudEvents && isObject:
			objects = append(objects, inner)
		case m.name == "subject" && of == formCloudEvents:
			if id, ok := m.value.(string); ok {
				ids = append(ids, id) // it may be the customer, and tells nothing by itself
			}
		}
	}
	for _, o := range objects {
		for _, m := range o {
			if m.value == nil || m.value == "" || !slices.Contains(fields, m.name) {
				continue
			}
			id, ok := idOf(m.value)
			if !ok {
				return nil, false
			}
			ids, told = append(ids, id), true
		}
	}

	return ids, told
}

// idOf is a value as the id of a customer; false where it can't be one.
func idOf(value any) (id string, ok bool) {
	switch v := value.(type) {
	case string:
		id = v
	case json.Number:
		id = v.String()
	default:
		return "", false
	}

	return id, len(id) <= event.MaxCustomerBytes && !event.IsNullWord([]byte(id))
}

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
