package replay

import (
	"errors"
	"io"

	"ebb/pipeline/format"
)

// FormatMapping is the mapping of files of events in a format that needs none.
func FormatMapping(of Format) *Mapping {
	m := &Mapping{Name: string(of), Format: of}
	m.setDefaults()

	return m
}

// detectJSON chooses between native events and those of other formats by the first
// line that is one of these; native, which says what is wrong, where none is.
func detectJSON(source Source) (*Mapping, error) {
	file, err := source.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := asText(file)
	if err != nil {
		return nil, err
	}
	rows := &jsonLines{lines: newLineBuffer(asLines(text))}
	reader := format.NewReader(format.Auto, nil)
	for range likelyLines {
		err := rows.next()
		if errors.Is(err, errLongRow) {
			continue
		}
		if err != nil {
			break
		}
		foreign := false
		err = reader.Read(&format.Message{Data: rows.raw}, func(item *format.Item) error {
			foreign = item.Format == format.Segment || item.Format == format.CloudEvents

			return io.EOF // the first one tells
		})
		if foreign && errors.Is(err, io.EOF) {
			return FormatMapping(Auto), nil
		}
	}

	return ShippedMapping(nativeMapping)
}

// likelyLines is how many lines tell the format of a file.
const likelyLines = 20
