package forget

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"ebb/pipeline/event"
	"ebb/pipeline/format"
	"ebb/pipeline/format/cloudevents"
	"ebb/pipeline/format/segment"
)

// This file tells whose an event is that could not be read for another reason than its
// customer: by the fields in which the forms that ebb reads name them. It tells nothing
// where anything about these is not as it has to be, so that nobody's event is taken for
// another's: where it is cut off or no JSON, has no such field or a value in it that is no
// id, or came by a mapping, whose columns can be anything.

// namers are the fields of a format that name the customer; none where they are not known.
func namers(of string) []string {
	switch of {
	case string(format.Native), cloudevents.Name:
		return []string{"customer", "anonymous_id"}
	case segment.Name:
		return []string{"userId", "user_id", "anonymousId", "anonymous_id", "previousId", "previous_id"}
	}

	return nil
}

// whose are the ids of the customer whom an event of a format names; false where it does
// not tell.
func whose(body []byte, of string) (ids []string, told bool) {
	fields := namers(of)
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
		case m.name == "batch" && of == segment.Name: // of several customers
			return nil, false
		case m.name == "data" && of == cloudevents.Name && isObject:
			objects = append(objects, inner)
		case m.name == "subject" && of == cloudevents.Name:
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
