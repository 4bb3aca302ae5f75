package cloudevents

import "ebb/pipeline/event"

// Slots of the values that are picked: those of the fields of the native event,
// by their number, where they stand in the data, and the attributes behind them.
const (
	specVersion = int(event.FieldCount) + iota
	attributeID
	source
	attributeType
	attributeTime
	subject
	contentType
	data
	dataBase64
	customer
	slots
)

// attributes are the names of the attributes that are read, specVersion first.
func attributes() [slots - specVersion]string {
	return [...]string{"specversion", "id", "source", "type", "time", "subject", "datacontenttype", "data", "data_base64", "customer"}
}

// pathOf is where a slot's value stands, for people.
func pathOf(slot int) string {
	if slot < specVersion {
		return "data." + event.Field(slot).String()
	}

	return attributes()[slot-specVersion]
}

// Places whose names are looked up.
const (
	inEnvelope = iota
	inData
)

// look is the scan.Look of an event.
func look(in int, name []byte) (slot, opens int) {
	if in == inData {
		return lookData(name), 0
	}
	switch string(name) {
	case "specversion":
		return specVersion, 0
	case "id":
		return attributeID, 0
	case "source":
		return source, 0
	case "type":
		return attributeType, 0
	case "time":
		return attributeTime, 0
	case "subject":
		return subject, 0
	case "datacontenttype":
		return contentType, 0
	case "data":
		return data, inData
	case "data_base64":
		return dataBase64, 0
	case "customer":
		return customer, 0
	}

	return 0, 0
}

// lookData finds the fields of the native event.
func lookData(name []byte) int {
	for f := event.FieldTime; f < event.FieldCount; f++ {
		if f != event.FieldType && string(name) == f.String() {
			return int(f)
		}
	}

	return 0
}
