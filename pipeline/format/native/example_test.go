package native

import (
	"errors"
	"fmt"

	"ebb/pipeline/event"
)

func ExampleDecoder() {
	var ev event.Event

	err := NewDecoder(0).Decode([]byte(`{"id":"e1","time":"yesterday","customer":"c1","type":"page.viewed"}`), &ev)
	fmt.Println(err)
	fmt.Println(errors.Is(err, event.ErrInvalidField))

	err = NewDecoder(0).Decode([]byte(`{"id":"e1"`), &ev)
	fmt.Println(err)
	// Output:
	// invalid_field: time is "yesterday"; send RFC 3339, such as 2026-05-04T12:34:56.789Z
	// true
	// malformed: byte 10; put a comma or } after a field
}
