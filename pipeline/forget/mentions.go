package forget

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"

	"ebb/pipeline/event"
)

// maxNested bounds how often JSON stands within text within JSON: an event that a
// source could not read stands as text in what is kept of it.
const maxNested = 4

// Mentions hands over what an event that could not be read may call its customer: all
// texts and numbers in it, also in text or base64 that is JSON itself, each as it is
// and as an anonymous id. It ends when found says true, and returns that.
func Mentions(body []byte, found func(id string) bool) bool { return mentions(body, found, maxNested) }

func mentions(body []byte, found func(id string) bool, nested int) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	for {
		var value any
		if d.Decode(&value) != nil { // the end, or no JSON from here on
			return inWords(body[min(int(d.InputOffset()), len(body)):], found)
		}
		if within(value, found, nested) {
			return true
		}
	}
}

func within(value any, found func(id string) bool, nested int) bool {
	switch v := value.(type) {
	case string:
		return inText(v, found, nested)
	case json.Number:
		return found(v.String()) || found(event.AnonymousPrefix+v.String())
	case []any:
		for _, one := range v {
			if within(one, found, nested) {
				return true
			}
		}
	case map[string]any:
		for name, one := range v {
			if found(name) || within(one, found, nested) {
				return true
			}
		}
	}

	return false
}

func inText(text string, found func(id string) bool, nested int) bool {
	if len(text) <= event.MaxCustomerBytes && (found(text) || found(event.AnonymousPrefix+text)) {
		return true
	}
	if nested == 0 {
		return false
	}
	if strings.ContainsAny(text, "{[\";\t\n") {
		return mentions([]byte(text), found, nested-1)
	}
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil && len(raw) > 0 {
		return mentions(raw, found, nested-1)
	}

	return false
}

// inWords looks at what is no JSON, or was cut off, between the marks that stand around
// a value in JSON, CSV and the like.
func inWords(text []byte, found func(id string) bool) bool {
	for word := range bytes.FieldsFuncSeq(text, func(r rune) bool {
		return strings.ContainsRune("{}[]\",;:=&\\'\t\r\n", r)
	}) {
		word = bytes.TrimSpace(word)
		if len(word) > 0 && len(word) <= event.MaxCustomerBytes && (found(string(word)) || found(event.AnonymousPrefix+string(word))) {
			return true
		}
	}

	return false
}
